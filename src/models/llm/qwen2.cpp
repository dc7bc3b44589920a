// Qwen 2 and 2.5: biases on queries, keys and values alone.
#include "models/llm/pre_norm_decoder.h"
#include "models/registry.h"

namespace mlxa::models {

std::unique_ptr<LanguageModel> make_qwen2(const Config& config, nn::Weights& weights) {
  PreNormDecoderSpec spec;
  spec.sizes = decoder_sizes(config);
  spec.rope = rope_settings(config, 1000000.0f);
  spec.rope_traditional = config.boolean("rope_traditional", false);
  spec.qkv_bias = true;
  spec.tied = config.boolean("tie_word_embeddings", true);
  // sliding_window is there in published configs and ignored, as the reference does.
  spec.windows.assign(static_cast<size_t>(spec.sizes.layers), 0);
  return std::make_unique<PreNormDecoder>(spec, weights);
}

}  // namespace mlxa::models
