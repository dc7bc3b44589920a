// Qwen 3: queries and keys are normalized head by head before they are rotated, and no biases.
#include "models/llm/qwen3.h"

#include "models/registry.h"

namespace mlxa::models {

PreNormDecoderSpec qwen3_spec(const Config& config) {
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
  return spec;
}

std::unique_ptr<LanguageModel> make_qwen3(const Config& config, nn::Weights& weights) {
  return std::make_unique<PreNormDecoder>(qwen3_spec(config), weights);
}

}  // namespace mlxa::models
