// Mixtral: the MLP of every layer is a mixture of experts.
#include "models/llm/pre_norm_decoder.h"
#include "models/registry.h"

namespace mlxa::models {

std::unique_ptr<LanguageModel> make_mixtral(const Config& config, nn::Weights& weights) {
  PreNormDecoderSpec spec;
  spec.sizes = decoder_sizes(config);
  spec.sizes.norm_eps = config.number("rms_norm_eps", 0.0f, 1.0f, 1e-5f);
  spec.rope = rope_settings(config, 1000000.0f);
  spec.rope_traditional = config.boolean("rope_traditional", false);
  spec.tied = config.boolean("tie_word_embeddings", false);
  // sliding_window is there in published configs and ignored, as mlx-lm does.
  const auto layers = static_cast<size_t>(spec.sizes.layers);
  spec.windows.assign(layers, 0);
  spec.mlp_name = "block_sparse_moe";
  const ExpertCounts counts = expert_counts(config, "num_local_experts", {8, 2});
  if (counts.experts == 0) config.fail("has no experts (num_local_experts)");
  spec.experts = {{.hidden = spec.sizes.hidden,
                   .intermediate = spec.sizes.intermediate,
                   .experts = counts.experts,
                   .chosen = counts.chosen,
                   .normalized = true},
                  std::vector<bool>(layers, true)};
  return std::make_unique<PreNormDecoder>(spec, weights);
}

}  // namespace mlxa::models
