#include "measure/shapes.h"

#include "mlxa/error.h"

#include "models/config.h"

namespace mlxa::measure {
namespace {

using Json = nlohmann::json;

struct NamedShape {
  const char* name;
  const char* model_type;
  int hidden, layers, heads, kv_heads, head_dim, intermediate, vocab, context;
  double rope_theta, rope_factor, norm_eps;  // factor of llama3's scaling; 0: none
  bool tied;
  int experts = 0, chosen = 0;  // of a mixture; `intermediate` is one expert's
};

// As the config.json of SmolLM2-360M, Qwen2.5-0.5B, Llama-3.2-1B and -3B, Mistral-7B-v0.3 and
// Llama-3.1-8B say. `mixtral-small` has the proportions of Mixtral-8x7B at half the width: 8.8
// billion weights, of which a token uses 2.4. The tiny ones are for tests and for trying things
// out.
constexpr NamedShape kShapes[] = {
    {"tiny", "llama", 256, 2, 4, 2, 64, 512, 1024, 8192, 1e4, 0, 1e-5, true},
    {"mixtral-tiny", "mixtral", 256, 2, 4, 2, 64, 128, 1024, 8192, 1e6, 0, 1e-5, false, 8, 2},
    {"360m", "llama", 960, 32, 15, 5, 64, 2560, 49152, 8192, 1e5, 0, 1e-5, true},
    {"0.5b", "qwen2", 896, 24, 14, 2, 64, 4864, 151936, 32768, 1e6, 0, 1e-6, true},
    {"1b", "llama", 2048, 16, 32, 8, 64, 8192, 128256, 131072, 5e5, 32, 1e-5, true},
    {"3b", "llama", 3072, 28, 24, 8, 128, 8192, 128256, 131072, 5e5, 32, 1e-5, true},
    {"7b", "mistral", 4096, 32, 32, 8, 128, 14336, 32768, 32768, 1e6, 0, 1e-5, false},
    {"8b", "llama", 4096, 32, 32, 8, 128, 14336, 128256, 131072, 5e5, 8, 1e-5, false},
    {"mixtral-small", "mixtral", 2048, 24, 32, 8, 64, 7168, 32000, 32768, 1e6, 0, 1e-5, false, 8,
     2},
};

Json config_of(const NamedShape& s) {
  Json config = {{"model_type", s.model_type},           {"hidden_size", s.hidden},
                 {"num_hidden_layers", s.layers},        {"num_attention_heads", s.heads},
                 {"num_key_value_heads", s.kv_heads},    {"head_dim", s.head_dim},
                 {"intermediate_size", s.intermediate},  {"vocab_size", s.vocab},
                 {"max_position_embeddings", s.context}, {"rope_theta", s.rope_theta},
                 {"rms_norm_eps", s.norm_eps},           {"tie_word_embeddings", s.tied}};
  if (s.rope_factor > 0) {
    config["rope_scaling"] = {{"rope_type", "llama3"},
                              {"factor", s.rope_factor},
                              {"low_freq_factor", 1.0},
                              {"high_freq_factor", 4.0},
                              {"original_max_position_embeddings", 8192}};
  }
  if (s.experts > 0) {
    config["num_local_experts"] = s.experts;
    config["num_experts_per_tok"] = s.chosen;
  }
  return config;
}

// llama and its close kin (see models/llm/pre_norm_decoder.h), with the experts of mixtral if any.
std::vector<TensorSpec> pre_norm_tensors(const models::Config& config, bool qkv_bias,
                                         int experts = 0) {
  using Kind = TensorSpec::Kind;
  const models::DecoderSizes s = models::decoder_sizes(config);
  const int q = s.heads * s.head_dim, kv = s.kv_heads * s.head_dim;
  std::vector<TensorSpec> out;
  const auto matrix = [&](const std::string& path, int rows, int columns) {
    out.push_back({path, {rows, columns}, Kind::kMatrix});
  };
  const auto bias = [&](const std::string& path, int size) {
    if (qkv_bias) out.push_back({path + ".bias", {size}, Kind::kBias});
  };
  matrix("model.embed_tokens", s.vocab, s.hidden);
  out.push_back({"model.norm.weight", {s.hidden}, Kind::kNorm});
  if (!config.boolean("tie_word_embeddings", true)) matrix("lm_head", s.vocab, s.hidden);
  for (int i = 0; i < s.layers; i++) {
    const std::string layer = "model.layers." + std::to_string(i);
    const std::string attention = layer + ".self_attn", mlp = layer + ".mlp";
    out.push_back({layer + ".input_layernorm.weight", {s.hidden}, Kind::kNorm});
    out.push_back({layer + ".post_attention_layernorm.weight", {s.hidden}, Kind::kNorm});
    matrix(attention + ".q_proj", q, s.hidden);
    matrix(attention + ".k_proj", kv, s.hidden);
    matrix(attention + ".v_proj", kv, s.hidden);
    matrix(attention + ".o_proj", s.hidden, q);
    bias(attention + ".q_proj", q);
    bias(attention + ".k_proj", kv);
    bias(attention + ".v_proj", kv);
    const auto product = [&](const char* name, int rows, int columns) {
      if (experts == 0) return matrix(mlp + name, rows, columns);
      out.push_back(
          {layer + ".block_sparse_moe.switch_mlp" + name, {experts, rows, columns}, Kind::kMatrix});
    };
    if (experts > 0) matrix(layer + ".block_sparse_moe.gate", experts, s.hidden);
    product(".gate_proj", s.intermediate, s.hidden);
    product(".up_proj", s.intermediate, s.hidden);
    product(".down_proj", s.hidden, s.intermediate);
  }
  return out;
}

}  // namespace

std::vector<std::string> shape_names() {
  std::vector<std::string> out;
  for (const NamedShape& shape : kShapes) out.push_back(shape.name);
  return out;
}

Json shape_config(const std::string& name) {
  std::string known;
  for (const NamedShape& shape : kShapes) {
    if (name == shape.name) return config_of(shape);
    known += (known.empty() ? "" : ", ") + std::string(shape.name);
  }
  throw Error(ErrorCode::kInvalidArgument, "[bench] no shape is named " + name,
              "Choose one of " + known + ", or give a model directory with --model.");
}

std::vector<TensorSpec> model_tensors(const Json& json) {
  const models::Config config(json, "shape");
  const std::string type = config.text("model_type");
  if (type == "llama" || type == "mistral") return pre_norm_tensors(config, /*qkv_bias=*/false);
  if (type == "qwen2") return pre_norm_tensors(config, /*qkv_bias=*/true);
  if (type == "mixtral") {
    const models::ExpertCounts counts = models::expert_counts(config, "num_local_experts", {8, 2});
    return pre_norm_tensors(config, /*qkv_bias=*/false, counts.experts);
  }
  throw Error(ErrorCode::kUnsupported, "[bench] random weights of the architecture " + type,
              "Give a model directory with --model.");
}

}  // namespace mlxa::measure
