// Element-wise and attention pieces of the fused operations: one source (vector_kernels.inl,
// attention_kernels.inl) compiled per instruction set.
//
// Functions never allocate or throw. Pointers need their element's alignment alone unless said
// otherwise. All arithmetic is float32; results are rounded once, half to even. A result's bits
// depend on the row alone, so that callers may split rows over threads as they like.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {

/// Rows of attention scratch are padded with zeros to a multiple of this many floats.
inline constexpr int64_t kVectorPad = 16;
inline constexpr int64_t padded(int64_t n) {
  return (n + kVectorPad - 1) / kVectorPad * kVectorPad;
}

/// Keys per step of the online softmax. A constant of the arithmetic: tiles start at multiples of
/// it, counted from position 0, so that results do not depend on how a prompt was cut.
inline constexpr int64_t kKeyTile = 32;

/// Running softmax of some rows: maximum, sum and unnormalised output (row stride `dim`, padded).
struct SoftmaxState {
  float* max;
  float* sum;
  float* out;
  int64_t dim;
};

/// Query rows that one call of decode attention serves, keys that it takes at most, and lanes of
/// its state.
inline constexpr int64_t kDecodeRows = 4;
inline constexpr int64_t kDecodeKeys = 64;
inline constexpr int64_t kDecodeLanes = 16;

/// How the elements of keys and values are stored: as floats of `type`, or (bits 8 or 4) as codes
/// with a bfloat16 scale and bias per `group` (32 or 64) of them. A row of n, a multiple of the
/// group, then holds n * bits / 8 bytes of codes, low nibble first, and n / group pairs of scale
/// and bias; value = scale * code + bias.
struct StoredType {
  FloatType type;
  int bits = 0;
  int group = 0;
};

/// Stored rows of keys or of values: the elements of a row lie back to back.
struct StoredRows {
  int64_t dim;     ///< elements of a row
  int64_t stride;  ///< bytes from a position's row to the next one's
};

/// What stays the same over the tiles of a decode attention.
struct DecodeAttention {
  StoredType type;  ///< of keys and values
  StoredRows keys, values;
  int64_t rows;         ///< query rows, 1 to kDecodeRows
  const float* q;       ///< as decode_queries tells
  bool rounds = false;  ///< Over codes, queries and weights may be rounded to 16 bits.
};

/// Keys that follow each other in memory, at most kDecodeKeys, and their values.
struct DecodeTile {
  const void* keys;
  const void* values;
  int64_t count;
  const void* next_keys;  ///< Where the next tile's lie, to fetch meanwhile; or nullptr.
  const void* next_values;
};

/// Running softmax of the rows over tiles. Starts as -infinity, 0, 0. After the last tile
/// decode_total makes row r's maximum and sum max[r] and sum[r]; until then their lanes are the
/// kernel's own. `out`: rows of padded(values.dim).
struct DecodeState {
  float max[kDecodeLanes];
  float sum[kDecodeLanes];
  float* out;
};

struct VectorKernels {
  /// n elements to float32, and back.
  void (*load)(const void* from, FloatType type, int64_t n, float* to) noexcept;
  void (*store)(const float* from, FloatType type, int64_t n, void* to) noexcept;
  /// Rows of n elements, `stride` elements apart, times `factor`; each becomes padded(n) floats,
  /// the last of them zeros.
  void (*load_rows)(const void* from, FloatType type, int64_t n, int64_t stride, int64_t rows,
                    float factor, float* to) noexcept;

  /// One row of x * rsqrt(mean(x^2) + eps), rounded to `type`, times weight (nullptr: none).
  void (*rms_norm)(const void* x, const void* weight, float eps, FloatType type, int64_t n,
                   void* out) noexcept;
  /// One row: sum = x + residual, rounded to `type`, and rms_norm of it.
  void (*add_rms_norm)(const void* x, const void* residual, const void* weight, float eps,
                       FloatType type, int64_t n, void* sum, void* out) noexcept;
  /// One row of (x - mean) * rsqrt(variance + eps) * weight + bias (nullptr: none).
  void (*layer_norm)(const void* x, const void* weight, const void* bias, float eps, FloatType type,
                     int64_t n, void* out) noexcept;

  /// Rotates the first `dims` of a row of n and copies the rest. Pairs (i, i + dims / 2):
  /// cos and sin hold dims / 2 values. `traditional`, pairs (2i, 2i + 1): dims values each, cos
  /// twice per pair, sin as (-sin, sin).
  void (*rope)(const void* x, const float* cos, const float* sin, bool traditional, int64_t dims,
               FloatType type, int64_t n, void* out) noexcept;

  /// gate / (1 + exp(-gate)) * up.
  void (*swiglu)(const void* gate, const void* up, FloatType type, int64_t n, void* out) noexcept;
  /// y = alpha * y + beta * c.
  void (*scale_add)(float* y, float alpha, const float* c, float beta, int64_t n) noexcept;

  /// scores[r * kKeyTile + t] = q[r] . k[t] for t < keys <= kKeyTile; rows of q and k have stride
  /// dim, a multiple of kVectorPad.
  void (*scores)(const float* q, int64_t rows, const float* k, int64_t keys, int64_t dim,
                 float* scores) noexcept;
  /// Turns a row's scores of keys [begin, end) into weights against the row's new maximum, clears
  /// the others, updates max and sum, and returns the factor for what was gathered before.
  float (*softmax_step)(float* scores, int64_t begin, int64_t end, float* max, float* sum) noexcept;
  /// out[r] = factors[r] * out[r] + sum over t in [begin, end) of weights[r][t] * v[t].
  void (*accumulate)(const float* weights, const float* factors, int64_t rows, const float* v,
                     int64_t begin, int64_t end, int64_t dim, float* out) noexcept;
  /// Adds a later part of the keys to a row's state. An empty part changes nothing.
  void (*merge)(float* max, float* sum, float* out, float part_max, float part_sum,
                const float* part_out, int64_t dim) noexcept;
  /// n values to a row of codes, each within half a step of its value; and `rows` of them, `stride`
  /// bytes apart, back, as load_rows does.
  void (*quantize_row)(const float* x, int64_t n, const StoredType& type, void* to) noexcept;
  void (*load_codes)(const void* from, const StoredType& type, int64_t n, int64_t stride,
                     int64_t rows, float* to) noexcept;
  /// What decode_tile takes as queries, from rows of padded(keys.dim), scaled, zeros at the end:
  /// so many floats, 64-byte aligned, that decode_queries makes; where 0, the rows as they are.
  int64_t (*decode_query_floats)(const DecodeAttention& shape) noexcept;
  void (*decode_queries)(const DecodeAttention& shape, const float* rows, float* to) noexcept;
  /// Attention of a few query rows to a tile, straight from its stored form.
  void (*decode_tile)(const DecodeAttention& shape, const DecodeTile& tile,
                      DecodeState& state) noexcept;
  void (*decode_total)(const DecodeAttention& shape, DecodeState& state) noexcept;
  /// The row's result, with one more logit `sink` where not nullptr; zeros where nothing was seen.
  void (*finish)(float max, float sum, const float* out, const float* sink, FloatType type,
                 int64_t n, void* to) noexcept;
};

/// One table per instruction set, each made by its file under isa/.
extern const VectorKernels kScalarVector;
extern const VectorKernels kAvx2Vector;
extern const VectorKernels kAvx512Vector;

}  // namespace mlxa::cpu
