// Fused operations, as mlx::core::fast has them. Each computes in float32 inside and rounds once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mlxa/array.h"

namespace mlxa::fast {

/// x * rsqrt(mean(x^2) + eps) over the last axis, rounded to x's dtype, times `weight` [last axis].
/// Throws std::invalid_argument on shapes that do not fit.
array rms_norm(const array& x, const std::optional<array>& weight, float eps,
               StreamOrDevice s = {});

/// (x - mean) * rsqrt(var + eps) over the last axis, times `weight`, plus `bias` [last axis].
array layer_norm(const array& x, const std::optional<array>& weight,
                 const std::optional<array>& bias, float eps, StreamOrDevice s = {});

/// Rotary position embedding of the first `dims` of the last axis; the axis before it is the
/// position: angle(t, i) = scale * (offset + t) * base^(-2i / dims), or / freqs[i] where `freqs`
/// [dims / 2] gives periods (exactly one of base and freqs). `traditional` rotates the pairs
/// (2i, 2i + 1), otherwise (i, i + dims / 2). An array offset is int32, a scalar or one per batch
/// row.
array rope(const array& x, int dims, bool traditional, std::optional<float> base, float scale,
           int offset, const std::optional<array>& freqs = std::nullopt, StreamOrDevice s = {});
array rope(const array& x, int dims, bool traditional, std::optional<float> base, float scale,
           const array& offset, const std::optional<array>& freqs = std::nullopt,
           StreamOrDevice s = {});

/// softmax(scale * q k^T + mask) v, with q [B, H, L, D], k [B, Hkv, S, D], v [B, Hkv, S, Dv], H a
/// multiple of Hkv. `mask_mode`: "" or "causal" (query i sees keys up to S - L + i); `mask_arr`:
/// bool (true = seen) or additive, broadcast to [B, H, L, S]; `sinks` [H]: one more logit per head
/// that takes part in the softmax and carries no value. A row that sees nothing is zero.
array scaled_dot_product_attention(const array& queries, const array& keys, const array& values,
                                   float scale, const std::string& mask_mode = "",
                                   std::optional<array> mask_arr = {},
                                   const std::optional<array>& sinks = {}, StreamOrDevice s = {});

}  // namespace mlxa::fast
