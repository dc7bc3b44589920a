#include "nn/transformer.h"

#include <cmath>

namespace mlxa::nn {
namespace {

// [B, L, heads * dim] to [B, heads, L, dim], each head normalized where there is a norm.
array split_heads(const array& x, int heads, int dim, const std::optional<RMSNorm>& norm = {}) {
  const array split = mx::reshape(x, {x.shape(0), x.shape(1), heads, dim});
  return mx::transpose(norm ? (*norm)(split) : split, {0, 2, 1, 3});
}

}  // namespace

Attention::Attention(Weights& weights, const std::string& path, const AttentionShape& shape,
                     std::optional<Rope> rope)
    : shape_(shape),
      q_proj_(weights, path + ".q_proj", shape.hidden, shape.heads * shape.head_dim,
              shape.qkv_bias),
      k_proj_(weights, path + ".k_proj", shape.hidden, shape.kv_heads * shape.head_dim,
              shape.qkv_bias),
      v_proj_(weights, path + ".v_proj", shape.hidden, shape.kv_heads * shape.head_dim,
              shape.qkv_bias),
      o_proj_(weights, path + ".o_proj", shape.heads * shape.head_dim, shape.hidden,
              shape.output_bias),
      rope_(std::move(rope)) {
  if (shape.head_norm_eps) {
    q_norm_.emplace(weights, path + ".q_norm", shape.head_dim, *shape.head_norm_eps);
    k_norm_.emplace(weights, path + ".k_norm", shape.head_dim, *shape.head_norm_eps);
  }
}

array Attention::operator()(const array& x, int layer, KVStep& kv) const {
  const int batch = x.shape(0), length = x.shape(1), dim = shape_.head_dim;
  const auto placed = [&](const array& heads) {
    return rope_ ? (*rope_)(heads, kv.offsets()) : heads;
  };
  const array q = placed(split_heads(q_proj_(x), shape_.heads, dim, q_norm_));
  const array k = placed(split_heads(k_proj_(x), shape_.kv_heads, dim, k_norm_));
  const array v = split_heads(v_proj_(x), shape_.kv_heads, dim);
  const float scale = 1.0f / std::sqrt(static_cast<float>(dim));
  const array mixed = kv.attend(layer, q, k, v, scale, shape_.window);
  return o_proj_(
      mx::reshape(mx::transpose(mixed, {0, 2, 1, 3}), {batch, length, shape_.heads * dim}));
}

GatedMLP::GatedMLP(Weights& weights, const std::string& path, int hidden, int intermediate,
                   bool bias)
    : gate_proj_(weights, path + ".gate_proj", hidden, intermediate, bias),
      up_proj_(weights, path + ".up_proj", hidden, intermediate, bias),
      down_proj_(weights, path + ".down_proj", intermediate, hidden, bias) {}

array GatedMLP::operator()(const array& x) const {
  return down_proj_(mx::fast::swiglu(gate_proj_(x), up_proj_(x)));
}

}  // namespace mlxa::nn
