// Qwen 3 with mixtures of experts: qwen3 whose MLP is one, in most layers or all.
#include <algorithm>

#include "models/llm/qwen3.h"
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
  PreNormDecoderSpec spec = qwen3_spec(config);
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
