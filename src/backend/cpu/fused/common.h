// What the fused operations share: kernels of this machine, rows of strided arrays, scratch slots.
#pragma once

#include <cstddef>
#include <span>

#include "array/primitive.h"
#include "backend/cpu/kernels/dispatch.h"
#include "backend/cpu/kernels/vector_dispatch.h"
#include "backend/cpu/op_table.h"
#include "backend/cpu/scratch.h"

namespace mlxa::cpu {

/// Scratch slots. The first four belong to the thread that runs an op, for all of its duration; the
/// others to whoever works on a chunk.
enum Slot : int {
  kInputSlot = 0,    ///< activations as float32
  kRoundedSlot = 1,  ///< activations as int8
  kOutputSlot = 2,   ///< results as float32
  kOperandSlot = 3,  ///< copies of operands, partial results
  kKernelSlot = 4,   ///< a product kernel's own
  kRowSlot = 5,      ///< a row gathered from a strided array
  kTileSlot = 6,     ///< attention tiles; rows being converted; an expanded matrix
  kOrderSlot = 7,    ///< the order of gathered rows (like the first four)
};

inline const VectorKernels& vectors() { return vector_kernels(active_isa()); }
inline const MatmulKernels& products() { return matmul_kernels(active_isa()); }

inline bool is_float(Dtype dtype) {
  return dtype == float32 || dtype == float16 || dtype == bfloat16;
}

/// Of a floating dtype.
inline FloatType float_type(Dtype dtype) {
  return dtype == float32   ? FloatType::kFloat32
         : dtype == float16 ? FloatType::kFloat16
                            : FloatType::kBFloat16;
}

/// The rows along the last axis of an array of any strides, counted in C order. A scalar is one row
/// of one element.
class Rows {
 public:
  explicit Rows(const array& a);

  int64_t count() const { return count_; }
  int64_t length() const { return length_; }
  bool contiguous_rows() const { return step_ == 1 || length_ <= 1; }
  /// The row's elements back to back: in place where they lie so, else gathered into this thread's
  /// kRowSlot at byte `spare_offset` (of `spare_bytes` that the call may use in all).
  const std::byte* row(int64_t index, size_t spare_offset = 0, size_t spare_bytes = 0) const;
  /// Row `index` as float32, at `to`.
  void load(int64_t index, float* to) const;

 private:
  const std::byte* at(int64_t index) const;

  const array& array_;
  const std::byte* data_;
  int64_t count_, length_, step_;
  size_t item_;
  bool even_;  // rows lie at multiples of the length
};

/// Copies `n` items of 1, 2, 4 or 8 bytes that lie `step` items apart.
void gather_items(const std::byte* from, int64_t step, int64_t n, size_t item, std::byte* to);

/// Element `index` (C order) of an integer array.
int64_t integer_at(const array& a, int64_t index);

/// Items from the array's data to element `index` (C order) of its first `axes` axes.
int64_t leading_offset(const array& a, size_t axes, int64_t index);

/// Product of the first `axes` lengths.
int64_t leading_count(const array& a, size_t axes);

// The lists that add_fused_ops joins.
void add_product_ops(CpuOpTable& table);
void add_quantization_ops(CpuOpTable& table);
void add_gather_ops(CpuOpTable& table);
void add_norm_ops(CpuOpTable& table);
void add_position_ops(CpuOpTable& table);
void add_attention_ops(CpuOpTable& table);

}  // namespace mlxa::cpu
