// Products of float32 rows with a stored matrix, spread over the thread pool.
#pragma once

#include "array/compute_mode.h"
#include "array/op_params.h"
#include "backend/cpu/fused/common.h"

namespace mlxa::cpu {

/// Rows per pass of a product: bounds the scratch memory that rows in float32 take.
inline constexpr int64_t kMaxRows = 512;

/// Where the rows of a product go.
struct Target {
  std::byte* data;
  FloatType type;
  int64_t stride;                  ///< Elements between rows.
  const int32_t* order = nullptr;  ///< Row r goes to row order[r]; nullptr: to r.

  std::byte* row(int64_t r) const {
    return data + (order ? order[r] : r) * stride * static_cast<int64_t>(size_of(type));
  }
};

/// The kernel family of a node: what its phase names, else by the number of rows.
Family family_of(const ComputeMode& mode, int64_t rows);

/// x[m, w.k] (row stride ldx) times the transpose of w. At most kMaxRows rows. Uses kRoundedSlot,
/// kOutputSlot of this thread and kKernelSlot of all.
void multiply(const QuantizedMatrix& w, const float* x, int64_t m, const ComputeMode& mode,
              Family family, const Target& out);
void multiply(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, Family family,
              const Target& out);

/// Matrix number `index` (over the leading axes) of an array: its last two axes in C order, in
/// place where they lie so, else copied to `to`, which returns that many bytes.
template <class Allocate>
const std::byte* matrix_in_order(const array& a, int64_t index, Allocate&& allocate) {
  const auto item = static_cast<int64_t>(a.itemsize());
  const int64_t rows = a.shape(-2), columns = a.shape(-1);
  const std::byte* from = a.data<std::byte>() + leading_offset(a, a.ndim() - 2, index) * item;
  const int64_t row_step = a.strides(-2), step = a.strides(-1);
  if ((step == 1 || columns == 1) && (row_step == columns || rows == 1)) return from;
  std::byte* to = allocate(static_cast<size_t>(rows * columns * item));
  for (int64_t r = 0; r < rows; r++) {
    gather_items(from + r * row_step * item, step, columns, a.itemsize(), to + r * columns * item);
  }
  return to;
}

/// Inputs `w`, `scales` and, of affine weights, `biases` of a quantized operation, which stand
/// first in `parts`; one matrix at a time.
class QuantizedInput {
 public:
  QuantizedInput(std::span<const array> parts, const QuantParams& params);
  int64_t count() const;
  /// Valid until the next call on this thread. Uses kOperandSlot only for strided operands.
  QuantizedMatrix matrix(int64_t index) const;

 private:
  const array &w_, &scales_;
  const array* biases_;  // nullptr where there are none
  QuantParams params_;
};

}  // namespace mlxa::cpu
