// The blocks of decoder-only transformers.
#pragma once

#include <optional>
#include <string>

#include "nn/kv_cache.h"
#include "nn/linear.h"
#include "nn/rope.h"

namespace mlxa::nn {

/// RMS normalization over the last axis, times a learnt weight.
class RMSNorm {
 public:
  RMSNorm(Weights& weights, const std::string& path, int dim, float eps)
      : weight_(take_vector(weights, path + ".weight", dim)), eps_(eps) {}
  array operator()(const array& x) const { return mx::fast::rms_norm(x, weight_, eps_); }

  /// {x + residual, norm(x + residual)}.
  std::pair<array, array> add(const array& x, const array& residual) const {
    return mx::fast::add_rms_norm(x, residual, weight_, eps_);
  }

 private:
  array weight_;
  float eps_;
};

struct AttentionShape {
  int hidden;
  int heads;
  int kv_heads;
  int head_dim;
  bool qkv_bias = false;
  bool output_bias = false;
  std::optional<float> head_norm_eps;  ///< RMS norms of query and key heads, before RoPE.
  int window = 0;                      ///< Keys that a query sees, itself included; 0: all.
};

/// Causal self-attention with grouped key heads: `path`.{q,k,v,o}_proj, and `path`.{q,k}_norm
/// [head_dim] where heads are normalized. Positions are rotary, or, without a `rope`, unknown to
/// it.
class Attention {
 public:
  Attention(Weights& weights, const std::string& path, const AttentionShape& shape,
            std::optional<Rope> rope);

  /// x [B, L, hidden] to [B, L, hidden]; the layer's keys and values go to `kv`.
  array operator()(const array& x, int layer, KVStep& kv) const;

 private:
  AttentionShape shape_;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  std::optional<RMSNorm> q_norm_, k_norm_;
  std::optional<Rope> rope_;
};

/// down(silu(gate(x)) * up(x)): `path`.{gate,up,down}_proj.
class GatedMLP {
 public:
  GatedMLP(Weights& weights, const std::string& path, int hidden, int intermediate, bool bias);
  array operator()(const array& x) const;

 private:
  Linear gate_proj_, up_proj_, down_proj_;
};

}  // namespace mlxa::nn
