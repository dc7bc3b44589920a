// SmolLM3: llama, of which some layers do not rotate queries and keys.
#include "models/llm/llama.h"
#include "models/registry.h"

namespace mlxa::models {
namespace {

// no_rope_layers says of each layer whether it rotates, its name notwithstanding. Where the list is
// missing, every no_rope_layer_interval-th layer does not.
std::vector<bool> rotated_layers(const Config& config, int layers) {
  std::vector<bool> out;
  if (config.has("no_rope_layers")) {
    for (int rotates : config.integers("no_rope_layers")) out.push_back(rotates != 0);
    if (out.size() != static_cast<size_t>(layers)) {
      config.fail("has no_rope_layers of another length");
    }
    return out;
  }
  const int interval = config.integer("no_rope_layer_interval", 1, 1 << 20, 4);
  for (int i = 0; i < layers; i++) out.push_back((i + 1) % interval != 0);
  return out;
}

}  // namespace

std::unique_ptr<LanguageModel> make_smollm3(const Config& config, nn::Weights& weights) {
  // As in mlx-lm an absent rope_theta is llama's (transformers: 2e6), and layer_types count without
  // use_sliding_window.
  PreNormDecoderSpec spec = llama_spec(config);
  spec.rotated = rotated_layers(config, spec.sizes.layers);
  return std::make_unique<PreNormDecoder>(spec, weights);
}

}  // namespace mlxa::models
