// A model directory's config.json: from its text to a model that is made of real tensors.
#include "mlxa/io.h"

#include "base/json.h"
#include "fuzz/fuzz.h"
#include "models/config.h"
#include "models/registry.h"

namespace {

using mlxa::models::Config;

void make_model(std::string_view text) {
  // Two models' tensors for all architectures: most configs contradict them, which is what a reader
  // has to notice.
  static const auto affine =
      mlxa::load_safetensors(MLXA_GOLDEN_DIR "/models/llama-f32-q4-g128/model.safetensors").first;
  static const auto floats =
      mlxa::load_safetensors(MLXA_GOLDEN_DIR "/models/llama-f32-mxfp4-mixed/model.safetensors")
          .first;
  const Config config(mlxa::parse_json(text, "config.json"), "config.json");
  config.integers("eos_token_id");
  const auto listed = mlxa::models::quantization_entries(config);
  for (const auto make : {mlxa::models::make_llama, mlxa::models::make_smollm3,
                          mlxa::models::make_qwen2, mlxa::models::make_qwen3}) {
    for (const auto* tensors : {&affine, &floats}) {
      mlxa::fuzz::answer_or_refuse([&] {
        mlxa::nn::Weights weights(*tensors, listed);
        const auto model = make(config, weights);
        mlxa::fuzz::require(model->vocab_size() > 0 && model->context_length() > 0,
                            "a model has a vocabulary and a context");
      });
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mlxa::fuzz::answer_or_refuse([&] { make_model({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
