// A model directory's config.json: from its text to a model that is made of real tensors.
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "mlxa/io.h"

#include "base/json.h"
#include "fuzz/fuzz.h"
#include "models/config.h"
#include "models/registry.h"

namespace {

using mlxa::models::Config;

using Make = std::unique_ptr<mlxa::models::LanguageModel> (*)(const Config&, mlxa::nn::Weights&);
using Tensors = std::unordered_map<std::string, mlxa::array>;

Tensors tensors_of(const char* model) {
  return mlxa::load_safetensors(std::string(MLXA_GOLDEN_DIR "/models/") + model +
                                "/model.safetensors")
      .first;
}

// Two models' tensors for all architectures of a kind: most configs contradict them, which is what
// a reader has to notice.
struct Kind {
  std::vector<Make> factories;
  Tensors tensors[2];
};

void make_model(std::string_view text) {
  static const Kind kinds[] = {
      {{mlxa::models::make_llama, mlxa::models::make_smollm3, mlxa::models::make_qwen2,
        mlxa::models::make_qwen3},
       {tensors_of("llama-f32-q4-g128"), tensors_of("llama-f32-mxfp4-mixed")}},
      {{mlxa::models::make_mixtral, mlxa::models::make_qwen3_moe},
       {tensors_of("mixtral-f32-q4-g64"), tensors_of("qwen3_moe-f32-some-dense")}},
  };
  const Config config(mlxa::parse_json(text, "config.json"), "config.json");
  config.integers("eos_token_id");
  const auto listed = mlxa::models::quantization_entries(config);
  for (const Kind& kind : kinds) {
    for (const Make make : kind.factories) {
      for (const Tensors& tensors : kind.tensors) {
        mlxa::fuzz::answer_or_refuse([&] {
          mlxa::nn::Weights weights(tensors, listed);
          const auto model = make(config, weights);
          mlxa::fuzz::require(model->vocab_size() > 0 && model->context_length() > 0,
                              "a model has a vocabulary and a context");
        });
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mlxa::fuzz::answer_or_refuse([&] { make_model({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
