// The decoder that llama and its close kin share: pre-norm residual layers of grouped-query
// attention with rotary positions and a gated SiLU MLP. What makes an architecture is how its
// config fills the description.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/config.h"
#include "models/language_model.h"
#include "nn/experts.h"
#include "nn/transformer.h"

namespace mlxa::models {

/// Layers whose MLP is a mixture of experts.
struct ExpertLayers {
  nn::ExpertsShape shape;
  std::vector<bool> in_layer;  ///< per layer
};

struct PreNormDecoderSpec {
  DecoderSizes sizes;
  RopeSettings rope;
  bool rope_traditional = false;
  bool head_norms = false;  ///< RMS norms of each query and key head before RoPE
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  bool tied = true;           ///< the embedding is the head
  std::vector<int> windows;   ///< per layer: keys that a query sees; 0: all
  std::vector<bool> rotated;  ///< per layer: whether it has RoPE; empty: all have
  std::string mlp_name = "mlp";
  std::optional<ExpertLayers> experts;
};

class PreNormDecoder final : public LanguageModel {
 public:
  PreNormDecoder(const PreNormDecoderSpec& spec, nn::Weights& weights);

  array hidden(const array& tokens, nn::KVStep& kv) const override;
  array logits(const array& hidden) const override;
  nn::KVShape kv_shape() const override;
  int vocab_size() const override { return spec_.sizes.vocab; }
  int context_length() const override { return spec_.sizes.context; }

 private:
  struct Layer {
    Layer(nn::Weights& weights, const PreNormDecoderSpec& spec, size_t index);

    nn::RMSNorm input_norm;
    nn::Attention attention;
    nn::RMSNorm mlp_norm;
    std::variant<nn::GatedMLP, nn::MixtureOfExperts> mlp;
  };

  PreNormDecoderSpec spec_;
  nn::Embedding embed_;
  std::vector<Layer> layers_;
  nn::RMSNorm norm_;
  std::optional<nn::Matrix> head_;
};

}  // namespace mlxa::models
