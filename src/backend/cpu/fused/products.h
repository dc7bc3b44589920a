// Products of float32 rows with a stored matrix, spread over the thread pool.
#pragma once

#include "array/compute_mode.h"
#include "array/op_params.h"
#include "backend/cpu/fused/common.h"
#include "base/thread_pool.h"

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
  /// Whether rows [first, first + count) go to rows that follow one another.
  bool consecutive(int64_t first, int64_t count) const {
    for (int64_t r = first + 1; order && r < first + count; r++) {
      if (order[r] != order[r - 1] + 1) return false;
    }
    return true;
  }
};

/// The kernel family of a node: what its phase names, else by the number of rows.
Family family_of(const ComputeMode& mode, int64_t rows);

/// Rows [first, first + count) of a product, and the matrix and kernels that multiply them.
template <class Matrix>
struct RowGroup {
  Matrix w;
  int64_t first, count;
  Family family;
  const Target* own = nullptr;  ///< Where they go; nullptr: to the target of all groups.
};

/// Rows of x (of w.k elements, ldx apart) times the transpose of their group's w: the groups follow
/// one another from row 0 on, their matrices are alike in shape and type, and their columns are
/// shared out to the threads as if they were one. At most kMaxRows rows. Uses kRoundedSlot,
/// kOutputSlot of this thread and kKernelSlot of all.
void multiply(std::span<const RowGroup<QuantizedMatrix>> groups, const float* x,
              const ComputeMode& mode, const Target& out);
void multiply(std::span<const RowGroup<DenseMatrix>> groups, const float* x, int64_t ldx,
              const Target& out);

/// The same rows times several matrices alike in all but their columns: rounded once, and shared
/// out to the threads in one go. Every group has all rows, and a float32 target of its own.
void multiply_each(std::span<const RowGroup<QuantizedMatrix>> groups, const float* x,
                   const ComputeMode& mode);

/// Likewise m rows with one matrix.
inline void multiply(const QuantizedMatrix& w, const float* x, int64_t m, const ComputeMode& mode,
                     Family family, const Target& out) {
  const RowGroup<QuantizedMatrix> all{w, 0, m, family};
  multiply({&all, 1}, x, mode, out);
}
inline void multiply(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, Family family,
                     const Target& out) {
  const RowGroup<DenseMatrix> all{w, 0, m, family};
  multiply({&all, 1}, x, ldx, out);
}

/// One quantized matrix times m rows of float32. Without `transpose` the stored rows run along the
/// inner dimension: the matrix is expanded (to kTileSlot) and taken as a dense one.
void multiply_any(const QuantizedMatrix& w, bool transpose, const float* x, int64_t m,
                  const ComputeMode& mode, Family family, const Target& out);

/// Rows row_of(0), row_of(1), .., row_of(m - 1) as float32 back to back, in kInputSlot.
template <class RowOf>
const float* load_rows(const Rows& x, int64_t m, RowOf&& row_of) {
  const int64_t k = x.length();
  auto* to = scratch_of<float>(kInputSlot, static_cast<size_t>(m * k));
  constexpr int64_t kGrainElements = 1 << 15;
  ThreadPool::instance().parallel_for(m, kGrainElements / k + 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) x.load(row_of(r), to + r * k);
  });
  return to;
}

/// `index`, if it counts one of `count` items; else throws std::out_of_range.
int64_t checked_index(const char* op, int64_t index, int64_t count);

/// Whether a quantized product of these inputs has types that the kernels read: affine scales may
/// have others.
bool has_product_types(const QuantParams& params, std::span<const array> in);

/// The right-hand operand [.., K, N] number `index`, as W[N, K].
DenseMatrix dense_matrix(const array& b, int64_t index);

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
  /// Whether every matrix lies in C order, so that `matrix` copies none of them.
  bool in_place() const;
  /// Valid until the next call on this thread. Uses kOperandSlot only for strided operands.
  QuantizedMatrix matrix(int64_t index) const;

 private:
  const array &w_, &scales_;
  const array* biases_;  // nullptr where there are none
  QuantParams params_;
};

}  // namespace mlxa::cpu
