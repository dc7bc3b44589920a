// The array library of nn/platform.h where it is MLX: its types under our names, and the engine's
// fused operations (src/array/fast/engine_ops.h says what each computes) from MLX's own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "array/attention_params.h"
#include "array/compute_mode.h"  // MLX computes exactly, in one family: modes are set and not read
#include "array/quant_mode.h"
#include "mlx/array.h"
#include "mlx/dtype.h"
#include "mlx/dtype_utils.h"
#include "mlx/fast.h"
#include "mlx/io.h"
#include "mlx/ops.h"
#include "mlx/transforms.h"

namespace mlxa {

using mlx::core::array;
using mlx::core::Dtype;
using mlx::core::Shape;
using mlx::core::ShapeElem;
using mlx::core::StreamOrDevice;

using mlx::core::bfloat16;
using mlx::core::bool_;
using mlx::core::float32;
using mlx::core::floating;
using mlx::core::int32;
using mlx::core::issubdtype;
using mlx::core::uint8;

inline const char* dtype_name(const Dtype& dtype) { return mlx::core::dtype_to_string(dtype); }

namespace upstream {

using namespace mlx::core;  // NOLINT: everything that `mx::` may name

/// MLX decides itself whether it maps the file.
inline SafetensorsLoad load_safetensors(const std::filesystem::path& path, bool) {
  return mlx::core::load_safetensors(path.string());
}

namespace fast {

using namespace mlx::core::fast;  // NOLINT: as above

inline std::pair<array, array> add_rms_norm(const array& x, const array& residual,
                                            const array& weight, float eps, StreamOrDevice s = {}) {
  array sum = add(x, residual, s);
  array norm = rms_norm(sum, weight, eps, s);
  return {std::move(sum), std::move(norm)};
}

inline array swiglu(const array& gate, const array& up, StreamOrDevice s = {}) {
  return multiply(multiply(gate, sigmoid(gate, s), s), up, s);
}

inline array linear(const array& x, const array& weight, StreamOrDevice s = {}) {
  return astype(matmul(x, transpose(weight, s), s), x.dtype(), s);
}

inline array linear_q(const array& x, const array& weight, const array& scales,
                      const std::optional<array>& biases, int group_size, int bits, QuantMode mode,
                      StreamOrDevice s = {}) {
  const array product =
      quantized_matmul(x, weight, scales, biases, true, group_size, bits, mode_name(mode), s);
  return astype(product, x.dtype(), s);
}

inline array gather_linear(const array& x, const array& weight, const array& indices,
                           StreamOrDevice s = {}) {
  const array product = gather_mm(x, swapaxes(weight, -1, -2, s), std::nullopt, indices, false, s);
  return astype(product, x.dtype(), s);
}

inline array gather_linear_q(const array& x, const array& weight, const array& scales,
                             const std::optional<array>& biases, const array& indices,
                             int group_size, int bits, QuantMode mode, StreamOrDevice s = {}) {
  const array product = gather_qmm(x, weight, scales, biases, std::nullopt, indices, true,
                                   group_size, bits, mode_name(mode), std::nullopt, false, s);
  return astype(product, x.dtype(), s);
}

inline array embedding_q(const array& ids, const array& weight, const array& scales,
                         const std::optional<array>& biases, int group_size, int bits,
                         QuantMode mode, StreamOrDevice s = {}) {
  array scale_rows = take(scales, ids, 0, s);
  std::optional<array> bias_rows;
  if (biases) {
    scale_rows = astype(scale_rows, float32, s);
    bias_rows = astype(take(*biases, ids, 0, s), float32, s);
  }
  return astype(dequantize(take(weight, ids, 0, s), scale_rows, bias_rows, group_size, bits,
                           mode_name(mode), std::nullopt, std::nullopt, s),
                float32, s);
}

/// Positions of `count` new tokens, int32 [B, count].
inline array new_positions(const array& offsets, int count, StreamOrDevice s) {
  return add(expand_dims(offsets, 1, s), arange(0, count, s), s);
}

inline array kv_storage(const Shape& shape, Dtype dtype, StreamOrDevice s = {}) {
  return zeros(shape, dtype, s);
}

/// Rows [..., dim] as uint8 rows of the format.
inline array encoded_rows(const array& values, const KVFormat& format, StreamOrDevice s) {
  const array grouped = unflatten(astype(values, float32, s), -1, {-1, format.group}, s);
  const auto to_bfloat16 = [&](const array& a) { return astype(a, bfloat16, s); };
  const array bias = to_bfloat16(min(grouped, -1, true, s));
  const array from_bias = subtract(grouped, astype(bias, float32, s), s);
  const array levels = array(float((1 << format.bits) - 1));
  const array scale = to_bfloat16(divide(max(from_bias, -1, true, s), levels, s));
  const array divisor = where(equal(scale, array(0.0f), s), array(1.0f), scale, s);
  const array steps = clip(round(divide(from_bias, divisor, s), s), array(0.0f), levels, s);
  array codes = flatten(astype(steps, uint8, s), -2, -1, s);
  if (format.bits == 4) {
    const std::vector<array> pair = split(unflatten(codes, -1, {-1, 2}, s), 2, -1, s);
    codes = squeeze(bitwise_or(pair[0], left_shift(pair[1], array(4, uint8), s), s), -1, s);
  }
  const array factors = flatten(concatenate({scale, bias}, -1, s), -2, -1, s);
  return concatenate({codes, view(factors, uint8, s)}, -1, s);
}

/// And back, as float32.
inline array decoded_rows(const array& rows, const KVFormat& format, StreamOrDevice s) {
  const int dim = format.values_of(rows.shape(-1));
  const std::vector<array> parts = split(rows, Shape{dim * format.bits / 8}, -1, s);
  array codes = parts[0];
  if (format.bits == 4) {
    const array high = right_shift(codes, array(4, uint8), s);
    codes = flatten(stack({bitwise_and(codes, array(15, uint8), s), high}, -1, s), -2, -1, s);
  }
  const array factors = view(contiguous(parts[1], false, s), bfloat16, s);
  const std::vector<array> pair =
      split(astype(unflatten(factors, -1, {-1, 2}, s), float32, s), 2, -1, s);
  const array grouped = unflatten(astype(codes, float32, s), -1, {-1, format.group}, s);
  return flatten(add(multiply(grouped, pair[0], s), pair[1], s), -2, -1, s);
}

/// MLX's arrays do not change: the result is another array, which may have taken over the memory of
/// `storage`. Whoever holds the storage takes the result in its place.
inline array kv_append(const array& storage, const array& values, const array& table,
                       const array& offsets, KVFormat format = {}, StreamOrDevice s = {}) {
  const array positions = new_positions(offsets, values.shape(2), s);
  const array block_size = array(storage.shape(2));
  const array blocks = take_along_axis(table, floor_divide(positions, block_size, s), 1, s);
  // Updates are [B, L] followed by a slice of the storage: one block, all heads, one position.
  const array stored = format.bits ? encoded_rows(values, format, s) : values;
  const array rows = expand_dims(transpose(stored, {0, 2, 1, 3}, s), std::vector<int>{2, 4}, s);
  return scatter(storage, {blocks, remainder(positions, block_size, s)},
                 astype(rows, storage.dtype(), s), {0, 2}, s);
}

/// [B, heads, max_blocks * block_size, dim]: every sequence's blocks in order.
inline array gathered_blocks(const array& storage, const array& table, StreamOrDevice s) {
  const array blocks = transpose(take(storage, table, 0, s), {0, 2, 1, 3, 4}, s);
  return flatten(blocks, 2, 3, s);
}

/// Causal, as all attention over a cache; params' mask and sinks are not there.
inline array paged_attention(const array& q, const array& keys, const array& values,
                             const array& table, const array& offsets,
                             const AttentionParams& params, StreamOrDevice s = {}) {
  array k = gathered_blocks(keys, table, s), v = gathered_blocks(values, table, s);
  if (params.kv.bits) {
    k = decoded_rows(k, params.kv, s);
    v = decoded_rows(v, params.kv, s);
  }
  const array query = expand_dims(new_positions(offsets, q.shape(2), s), std::vector<int>{1, 3}, s);
  const array key = arange(0, k.shape(2), s);
  array mask = less_equal(key, query, s);
  if (params.window > 0) {
    mask = logical_and(mask, greater(key, subtract(query, array(params.window), s), s), s);
  }
  return scaled_dot_product_attention(q, astype(k, q.dtype(), s), astype(v, q.dtype(), s),
                                      params.scale, "array", mask, std::nullopt, false, s);
}

}  // namespace fast
}  // namespace upstream
}  // namespace mlxa
