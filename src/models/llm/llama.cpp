// Llama 2, 3, 3.1 and 3.2, Mistral, SmolLM2, TinyLlama.
#include "models/llm/llama.h"

#include "models/registry.h"

namespace mlxa::models {
namespace {

// sliding_window acts on the layers that layer_types marks, and on no others.
std::vector<int> layer_windows(const Config& config, int layers) {
  std::vector<int> windows(static_cast<size_t>(layers), 0);
  const std::vector<std::string> types = config.texts("layer_types");
  if (types.empty()) return windows;
  if (types.size() != windows.size()) config.fail("has layer_types of another length");
  for (size_t i = 0; i < types.size(); i++) {
    if (types[i] == "sliding_attention") windows[i] = config.integer("sliding_window", 1, 1 << 28);
  }
  return windows;
}

}  // namespace

PreNormDecoderSpec llama_spec(const Config& config) {
  PreNormDecoderSpec spec;
  spec.sizes = decoder_sizes(config);
  spec.rope = rope_settings(config, 10000.0f);
  spec.rope_traditional = config.boolean("rope_traditional", false);
  spec.qkv_bias = spec.output_bias = config.boolean("attention_bias", false);
  spec.mlp_bias = config.boolean("mlp_bias", false);
  spec.tied = config.boolean("tie_word_embeddings", true);
  spec.windows = layer_windows(config, spec.sizes.layers);
  return spec;
}

std::unique_ptr<LanguageModel> make_llama(const Config& config, nn::Weights& weights) {
  return std::make_unique<PreNormDecoder>(llama_spec(config), weights);
}

}  // namespace mlxa::models
