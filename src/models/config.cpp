#include "models/config.h"

#include <cmath>

#include "mlxa/error.h"

#include "base/json.h"
#include "base/mapped_file.h"

namespace mlxa::models {
namespace {

constexpr size_t kMaxConfigBytes = 16 << 20;

// Limits far above any published model, so that products of sizes stay within 64 bits.
constexpr int kMaxWidth = 1 << 20;
constexpr int kMaxLayers = 4096;
constexpr int kMaxHeads = 65536;
constexpr int kMaxExperts = 65536;
constexpr int kMaxVocab = 1 << 24;
constexpr int kMaxContext = 1 << 28;
constexpr int kDefaultContext = 4096;  // where the config names none

}  // namespace

Config::Config(nlohmann::json object, std::string where)
    : object_(std::move(object)), where_(std::move(where)) {
  if (!object_.is_object()) fail("is no JSON object");
}

Config Config::read(const std::filesystem::path& file) {
  const std::string where = file.string();
  return Config(parse_json(read_text_file(file, kMaxConfigBytes), where), where);
}

void Config::fail(const std::string& what) const {
  throw Error(ErrorCode::kInvalidFile, "[config] " + where_ + " " + what,
              "The model's config does not fit this program: fetch the model again.");
}

const nlohmann::json* Config::find(const std::string& key) const {
  auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool Config::has(const std::string& key) const { return find(key) != nullptr; }

int Config::integer(const std::string& key, int low, int high) const {
  const nlohmann::json* value = find(key);
  if (!value) fail("lacks " + key);
  const bool whole = value->is_number_integer() ||
                     (value->is_number_float() && std::trunc(value->get<double>()) == *value);
  const double number = whole ? value->get<double>() : 0;
  if (!whole || number < low || number > high) {
    fail("has " + key + " = " + value->dump().substr(0, 40) + ", expected a whole number from " +
         std::to_string(low) + " to " + std::to_string(high));
  }
  return static_cast<int>(number);
}

int Config::integer(const std::string& key, int low, int high, int fallback) const {
  return has(key) ? integer(key, low, high) : fallback;
}

float Config::number(const std::string& key, float low, float high, float fallback) const {
  const nlohmann::json* value = find(key);
  if (!value) return fallback;
  if (!value->is_number() || !(value->get<float>() >= low) || !(value->get<float>() <= high)) {
    fail("has " + key + " = " + value->dump().substr(0, 40) + ", expected a number from " +
         std::to_string(low) + " to " + std::to_string(high));
  }
  return value->get<float>();
}

bool Config::boolean(const std::string& key, bool fallback) const {
  const nlohmann::json* value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean()) fail("has " + key + " that is neither true nor false");
  return value->get<bool>();
}

std::string Config::text(const std::string& key, const std::string& fallback) const {
  const nlohmann::json* value = find(key);
  if (!value) return fallback;
  if (!value->is_string()) fail("has " + key + " that is no text");
  return value->get<std::string>();
}

std::vector<std::string> Config::texts(const std::string& key) const {
  std::vector<std::string> out;
  const nlohmann::json* value = find(key);
  if (!value) return out;
  if (!value->is_array()) fail("has " + key + " that is no list");
  for (const auto& item : *value) {
    if (!item.is_string()) fail("has " + key + " with an item that is no text");
    out.push_back(item);
  }
  return out;
}

std::vector<int> Config::integers(const std::string& key) const {
  std::vector<int> out;
  const nlohmann::json* value = find(key);
  if (!value) return out;
  const auto add = [&](const nlohmann::json& item) {
    if (!item.is_number_integer() || item.get<int64_t>() < 0 || item.get<int64_t>() > INT32_MAX) {
      fail("has " + key + " that is no natural number or list of them");
    }
    out.push_back(item.get<int>());
  };
  if (value->is_array()) {
    for (const auto& item : *value) add(item);
  } else {
    add(*value);
  }
  return out;
}

Config Config::object(const std::string& key) const {
  const nlohmann::json* value = find(key);
  return Config(value ? *value : nlohmann::json::object(), where_ + ": " + key);
}

DecoderSizes decoder_sizes(const Config& config) {
  DecoderSizes s{};
  s.hidden = config.integer("hidden_size", 1, kMaxWidth);
  s.layers = config.integer("num_hidden_layers", 1, kMaxLayers);
  s.heads = config.integer("num_attention_heads", 1, kMaxHeads);
  s.kv_heads = config.integer("num_key_value_heads", 1, kMaxHeads, s.heads);
  if (s.heads % s.kv_heads != 0) {
    config.fail("has num_attention_heads that is no multiple of num_key_value_heads");
  }
  if (!config.has("head_dim") && s.hidden % s.heads != 0) {
    config.fail("has hidden_size that is no multiple of num_attention_heads, and no head_dim");
  }
  s.head_dim = config.integer("head_dim", 1, 4096, s.hidden / s.heads);
  if (s.head_dim % 2 != 0) config.fail("has an odd head_dim");
  if (static_cast<int64_t>(s.heads) * s.head_dim > kMaxWidth) {
    config.fail("has num_attention_heads * head_dim above " + std::to_string(kMaxWidth));
  }
  s.intermediate = config.integer("intermediate_size", 1, kMaxWidth);
  s.vocab = config.integer("vocab_size", 1, kMaxVocab);
  s.context = config.integer("max_position_embeddings", 1, kMaxContext, kDefaultContext);
  s.norm_eps = config.number("rms_norm_eps", 0.0f, 1.0f, 1e-6f);
  return s;
}

ExpertCounts expert_counts(const Config& config, const std::string& key,
                           const ExpertCounts& defaults) {
  const std::string other = key == "num_experts" ? "num_local_experts" : "num_experts";
  const std::string& stored = config.has(key) || !config.has(other) ? key : other;
  const int experts = config.integer(stored, 0, kMaxExperts, defaults.experts);
  const int chosen = config.integer("num_experts_per_tok", 1, kMaxExperts, defaults.chosen);
  if (experts > 0 && chosen > experts) {
    config.fail("has num_experts_per_tok = " + std::to_string(chosen) + ", but only " +
                std::to_string(experts) + " experts (" + stored + ")");
  }
  return {experts, chosen};
}

RopeSettings rope_settings(const Config& config, float default_base) {
  const Config parameters = config.object("rope_parameters");
  const Config scaling =
      config.object(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  RopeSettings out{};
  const float base = config.number("rope_theta", 1e-3f, 1e18f, default_base);
  out.base = parameters.number("rope_theta", 1e-3f, 1e18f, base);
  const std::string type = scaling.text("rope_type", scaling.text("type", "default"));
  if (type == "default") return out;
  const auto positive = [&](const char* key, float fallback) {
    return scaling.number(key, 1e-6f, 1e12f, fallback);
  };
  if (type == "linear") {
    out.scaling = nn::LinearScaling{positive("factor", 1.0f)};
  } else if (type == "llama3") {
    if (!scaling.has("factor")) scaling.fail("lacks factor");
    const nn::Llama3Scaling s{positive("factor", 1.0f), positive("low_freq_factor", 1.0f),
                              positive("high_freq_factor", 4.0f),
                              positive("original_max_position_embeddings", 8192.0f)};
    if (s.high_freq_factor <= s.low_freq_factor) {
      scaling.fail("has high_freq_factor that is not above low_freq_factor");
    }
    out.scaling = s;
  } else {
    throw Error(ErrorCode::kUnsupported,
                "[config] " + config.where() + " has RoPE scaling " + type +
                    ", supported are default, linear and llama3",
                "Use a model with one of these, or a newer version of this program.");
  }
  return out;
}

namespace {

// One dictionary, MLX's defaults where it names nothing.
nn::QuantizationEntry quantization_entry(const Config& entry) {
  const std::string name = entry.text("mode", "affine");
  const std::optional<QuantMode> mode = mode_named(name);
  if (!mode) {
    throw Error(ErrorCode::kUnsupported,
                "[config] " + entry.where() + " is quantized as " + name.substr(0, 40) +
                    ", supported are affine, mxfp4, mxfp8 and nvfp4",
                "Use a version of the model with one of these modes.");
  }
  const int group_size = entry.integer("group_size", 0, 1 << 20, default_group_size(*mode));
  const int bits = entry.integer("bits", 0, 1 << 20, default_bits(*mode));
  if (!has_group_size(*mode, group_size) || !has_bits(*mode, bits)) {
    throw Error(ErrorCode::kInvalidFile,
                "[config] " + entry.where() + " says " + std::to_string(bits) +
                    " bits in groups of " + std::to_string(group_size) + ", which mode " + name +
                    " does not have",
                "It has " + std::string(known_bits(*mode)) + " bits in groups of " +
                    known_group_sizes(*mode) + ".");
  }
  return {true, group_size, bits, *mode};
}

}  // namespace

std::unordered_map<std::string, nn::QuantizationEntry> quantization_entries(const Config& config) {
  std::unordered_map<std::string, nn::QuantizationEntry> out;
  const char* key = config.has("quantization") ? "quantization" : "quantization_config";
  const Config quantization = config.object(key);
  const std::string method = quantization.text("quant_method");
  if (!method.empty()) {
    throw Error(ErrorCode::kUnsupported,
                "[config] " + config.where() + " is quantized as " + method.substr(0, 40) +
                    ", supported are MLX's own modes",
                "Use the model's MLX version.");
  }
  quantization_entry(quantization);  // modules that are not listed go by their tensors
  for (const auto& [name, value] : quantization.json().items()) {
    if (value.is_boolean()) out[name] = {value.get<bool>(), 0, 0};
    if (!value.is_object()) continue;
    out[name] = quantization_entry(Config(value, quantization.where() + ": " + name));
  }
  // `true` only says that the module is quantized: its shapes tell how.
  for (auto it = out.begin(); it != out.end();) {
    it = it->second.quantized && it->second.bits == 0 ? out.erase(it) : std::next(it);
  }
  return out;
}

}  // namespace mlxa::models
