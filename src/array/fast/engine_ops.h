// Fused operations beyond MLX's, which nn/platform.h gives to the model code: each has a plain-op
// form that other platforms can use in its place.
#pragma once

#include <optional>
#include <utility>

#include "mlxa/array.h"

#include "array/op_params.h"

namespace mlxa::fast {

/// {x + residual, rms_norm(x + residual, weight, eps)}: the sum is rounded to x's dtype first, as
/// the plain ops would. Shapes equal; weight [last axis].
std::pair<array, array> add_rms_norm(const array& x, const array& residual, const array& weight,
                                     float eps, StreamOrDevice s = {});

/// silu(gate) * up, with silu(g) = g / (1 + exp(-g)). Shapes and dtypes equal.
array swiglu(const array& gate, const array& up, StreamOrDevice s = {});

/// x [..., M, K] times the transpose of weight [N, K], in x's dtype: unlike matmul it takes a
/// weight of another float type as it is stored, expanded inside the kernel. Throws
/// std::invalid_argument.
array linear(const array& x, const array& weight, StreamOrDevice s = {});

/// The same with a quantized weight: unlike quantized_matmul it takes affine scales and biases of
/// another float type than x's as they are stored. Only affine weights have biases.
array linear_q(const array& x, const array& weight, const array& scales,
               const std::optional<array>& biases, int group_size, int bits,
               QuantMode mode = QuantMode::kAffine, StreamOrDevice s = {});

/// linear with chosen matrices: x [.., M, K], whose leading axes broadcast against `indices`, times
/// the transposes of those of weight [E, N, K] that the indices (integers in [0, E)) name:
/// [indices.., M, N] in x's dtype. Only chosen matrices are read. An index outside throws
/// std::out_of_range at evaluation.
array gather_linear(const array& x, const array& weight, const array& indices,
                    StreamOrDevice s = {});

/// The same with quantized weights, as linear_q.
array gather_linear_q(const array& x, const array& weight, const array& scales,
                      const std::optional<array>& biases, const array& indices, int group_size,
                      int bits, QuantMode mode = QuantMode::kAffine, StreamOrDevice s = {});

/// Rows of a quantized matrix by index, dequantized: ids int32 of any shape -> [ids..., K] in
/// float32 whatever the scales are, so that nothing is rounded. An id outside [0, N) throws
/// std::out_of_range at evaluation.
array embedding_q(const array& ids, const array& weight, const array& scales,
                  const std::optional<array>& biases, int group_size, int bits,
                  QuantMode mode = QuantMode::kAffine, StreamOrDevice s = {});

/// KV storage in blocks: [blocks, heads, block_size, dim], any float dtype, or uint8 rows of a
/// KVFormat in place of the values. Sequence b's position t
/// lies in block table[b, t / block_size] at t % block_size. Offsets and tables are data, so that
/// the shapes of a decode step never change.

/// Zeros of such a shape that take memory as blocks are first written, and never move. Throws Error
/// kOutOfMemory where the address space is refused.
array kv_storage(const Shape& shape, Dtype dtype, StreamOrDevice s = {});

/// Writes `values` [B, heads, L, dim], rounded to the storage's dtype or to codes of `format`, at
/// positions offsets[b] .. offsets[b] + L - 1 of each sequence, in place, and returns the storage
/// (the same memory): whoever must see the write takes the result. `table` int32 [B, max_blocks],
/// `offsets` int32 [B]. Nothing else is copied, ever. Without a format, uint8 storage takes uint8
/// rows as they are.
array kv_append(const array& storage, const array& values, const array& table, const array& offsets,
                KVFormat format = {}, StreamOrDevice s = {});

/// Attention of q [B, H, L, D], whose positions are offsets[b] .. offsets[b] + L - 1, over the
/// offsets[b] + L positions that lie in `keys` and `values` by `table`. `mask` [B or 1, 1 or H, L,
/// max_blocks * block_size] bool or additive; sinks [H]. Scale, causality, window and
/// the storages' format are in `params` (has_mask and has_sinks are set here). Result [B, H, L, Dv]
/// in q's dtype.
array paged_attention(const array& q, const array& keys, const array& values, const array& table,
                      const array& offsets, AttentionParams params,
                      const std::optional<array>& mask = {}, const std::optional<array>& sinks = {},
                      StreamOrDevice s = {});

}  // namespace mlxa::fast
