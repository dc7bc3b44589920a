// Qwen 3 with mixtures of experts: qwen3 whose MLP is one, in most layers or all.
#include <algorithm>

#include "models/llm/pre_norm_decoder.h"
#include "models/registry.h"

namespace mlxa::models {
namespace {

// Every `step`th layer, but for those that the config names.
std::vector<bool> layers_with_experts(const Config& config, int layers) {
  const int step = config.integer("decoder_sparse_step", 1, 1 << 20, 1);
  const std::vector<int> dense = config.integers("mlp_only_layers");
  std::vector<bool> out;
  for (int i = 0; i < layers; i++) {
    const bool named = std::find(dense.begin(), dense.end(), i) != dense.end();
    out.push_back(!named && (i + 1) % step == 0);
  }
  return out;
}

}  // namespace

std::unique_ptr<LanguageModel> make_qwen3_moe(const Config& config, nn::Weights& weights) {
  // Its head size does not follow from the others, and the references disagree on a default.
  if (!config.has("head_dim")) config.fail("lacks head_dim");
  PreNormDecoderSpec spec;
  spec.sizes = decoder_sizes(config);
  spec.rope = rope_settings(config, 10000.0f);
  spec.head_norms = true;
  spec.qkv_bias = spec.output_bias = config.boolean("attention_bias", false);
  spec.tied = config.boolean("tie_word_embeddings", false);
  // sliding_window is there in published configs and ignored, as mlx-lm does.
  spec.windows.assign(static_cast<size_t>(spec.sizes.layers), 0);
  const ExpertCounts counts = expert_counts(config, "num_experts", {128, 8});
  if (counts.experts > 0) {
    spec.experts = {{.hidden = spec.sizes.hidden,
                     .intermediate = config.integer("moe_intermediate_size", 1, 1 << 20),
                     .experts = counts.experts,
                     .chosen = counts.chosen,
                     .normalized = config.boolean("norm_topk_prob", false)},
                    layers_with_experts(config, spec.sizes.layers)};
  }
  return std::make_unique<PreNormDecoder>(spec, weights);
}

}  // namespace mlxa::models
