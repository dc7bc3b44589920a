// From a model directory to a model.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mapped_file.h"
#include "models/config.h"
#include "models/language_model.h"

namespace mlxa::models {

/// The files that a model's weights are mapped from.
struct WeightFiles {
  std::vector<std::unique_ptr<const HeldFile>> files;

  /// Throws Error kInvalidFile if one of them has become shorter since it was mapped: touching the
  /// lost pages would kill the process.
  void check_intact() const;
};

struct LoadedModel {
  std::unique_ptr<LanguageModel> model;
  Config config;
  std::string architecture;  ///< model_type, as the registry resolved it
  int64_t parameters;        ///< weights, a quantized matrix counted by its values
  int64_t weight_bytes;
  std::vector<nn::TakenWeight> weights;          ///< what the layers took
  std::map<std::string, int64_t> quantizations;  ///< see nn::Weights
  WeightFiles files;
};

/// The model that `config` describes, over tensors by name. Throws as load_model.
LoadedModel make_model(Config config, std::unordered_map<std::string, array> tensors);

/// Loads config.json and the safetensors that model.safetensors.index.json names, or else
/// model*.safetensors. Throws Error: kNotFound (directory, config, shard), kInvalidFile,
/// kUnsupported (architecture, dtype, quantization).
LoadedModel load_model(const std::filesystem::path& dir, bool map = true);

/// The names of `model_type` that load_model knows, sorted.
std::vector<std::string> supported_architectures();

// One factory per architecture file.
std::unique_ptr<LanguageModel> make_llama(const Config& config, nn::Weights& weights);
std::unique_ptr<LanguageModel> make_smollm3(const Config& config, nn::Weights& weights);
std::unique_ptr<LanguageModel> make_qwen2(const Config& config, nn::Weights& weights);
std::unique_ptr<LanguageModel> make_qwen3(const Config& config, nn::Weights& weights);
std::unique_ptr<LanguageModel> make_mixtral(const Config& config, nn::Weights& weights);
std::unique_ptr<LanguageModel> make_qwen3_moe(const Config& config, nn::Weights& weights);

}  // namespace mlxa::models
