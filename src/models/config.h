// config.json of a model directory, read with care: every value is checked for type and range.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "nn/rope.h"
#include "nn/weights.h"

namespace mlxa::models {

/// A JSON object of settings. Absent and null keys take the default; a value of the wrong type or
/// out of range throws Error kInvalidFile naming the key.
class Config {
 public:
  Config(nlohmann::json object, std::string where);

  /// Reads and parses a file.
  static Config read(const std::filesystem::path& file);

  bool has(const std::string& key) const;
  int integer(const std::string& key, int low, int high) const;  ///< must be there
  int integer(const std::string& key, int low, int high, int fallback) const;
  float number(const std::string& key, float low, float high, float fallback) const;
  bool boolean(const std::string& key, bool fallback) const;
  std::string text(const std::string& key, const std::string& fallback = {}) const;
  std::vector<std::string> texts(const std::string& key) const;  ///< empty if absent
  /// One integer or a list of them; empty if absent.
  std::vector<int> integers(const std::string& key) const;
  /// A nested object; empty if absent.
  Config object(const std::string& key) const;
  const nlohmann::json& json() const { return object_; }
  const std::string& where() const { return where_; }

  [[noreturn]] void fail(const std::string& what) const;

 private:
  const nlohmann::json* find(const std::string& key) const;
  nlohmann::json object_;
  std::string where_;
};

/// Sizes that every decoder shares, within limits that no published model comes near.
struct DecoderSizes {
  int hidden, layers, heads, kv_heads, head_dim, intermediate, vocab, context;
  float norm_eps;
};
DecoderSizes decoder_sizes(const Config& config);

/// Of a mixture of experts: how many a layer has, and how many of them a token uses.
struct ExpertCounts {
  int experts, chosen;
};
/// From `key`, under which the architecture stores the experts, or the name that others have for
/// it, and num_experts_per_tok. No experts are an answer too; fewer than a token uses are not.
ExpertCounts expert_counts(const Config& config, const std::string& key,
                           const ExpertCounts& defaults);

/// The position encoding: `rope_parameters`, or `rope_theta` with `rope_scaling`. Throws Error
/// kUnsupported for other scalings than none, linear and llama3.
struct RopeSettings {
  float base;
  nn::RopeScaling scaling;
};
RopeSettings rope_settings(const Config& config, float default_base);

/// What `quantization` (or `quantization_config`) lists per module; the top-level values are not
/// needed, since the tensors' shapes tell them. Throws Error kUnsupported for other methods.
std::unordered_map<std::string, nn::QuantizationEntry> quantization_entries(const Config& config);

}  // namespace mlxa::models
