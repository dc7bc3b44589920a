#include <algorithm>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

void check_floating(const char* op, const Dtype& dtype) {
  if (!is_floating(dtype)) {
    invalid(op, "operands that promote to " + text(dtype) + ", expected a floating-point type");
  }
}

void check_inner(const char* op, const array& a, const array& b) {
  if (a.shape(-1) != b.shape(-2)) {
    invalid(op, "shapes " + text(a.shape()) + " and " + text(b.shape()) +
                    ", expected the last axis of the first as long as the last but one of the "
                    "second");
  }
}

Shape batch_of(const array& a) { return Shape(a.shape().begin(), a.shape().end() - 2); }

Shape with_matrix(Shape batch, ShapeElem rows, ShapeElem columns) {
  batch.insert(batch.end(), {rows, columns});
  return batch;
}

// The operands of a product as matrices [.., M, K] and [.., K, N] of one type, and what to undo.
struct Operands {
  array a, b;
  std::vector<int> vectors;  // axes of the result that stand for a vector operand's missing one

  Operands(const char* op, const array& left, const array& right, Dtype dtype, StreamOrDevice s)
      : a(astype(left, dtype, s)), b(astype(right, dtype, s)) {
    check_floating(op, dtype);
    if (a.ndim() == 0 || b.ndim() == 0) invalid(op, "a scalar, expected one or more dimensions");
    if (left.ndim() == 1) {
      a = expand_dims(a, 0, s);
      vectors.push_back(-2);
    }
    if (right.ndim() == 1) {
      b = expand_dims(b, 1, s);
      vectors.push_back(-1);
    }
    check_inner(op, a, b);
  }
};

// A batch of rows times one matrix is a single product of more rows: merges the leading axes of
// `a`.
bool flatten_rows(array& a, const array& b, StreamOrDevice s) {
  if (a.ndim() <= 2 || b.ndim() > 2) return false;
  a = flatten(a, 0, -2, s);
  return true;
}

// Stretches the leading axes of both to the same batch.
void broadcast_batch(array& a, array& b, StreamOrDevice s) {
  if (a.ndim() == 2 && b.ndim() == 2) return;
  const Shape batch = broadcast_shapes(batch_of(a), batch_of(b));
  a = broadcast_to(a, with_matrix(batch, a.shape(-2), a.shape(-1)), s);
  b = broadcast_to(b, with_matrix(batch, b.shape(-2), b.shape(-1)), s);
}

Shape product_shape(const array& a, const array& b) {
  return with_matrix(broadcast_shapes(batch_of(a), batch_of(b)), a.shape(-2), b.shape(-1));
}

}  // namespace

array matmul(const array& a, const array& b, StreamOrDevice s) {
  const Dtype dtype = result_type(a, b);
  Operands in("matmul", a, b, dtype, s);
  const Shape shape = product_shape(in.a, in.b);
  if (in.a.shape(-1) == 0) return squeeze(zeros(shape, dtype, s), in.vectors, s);
  flatten_rows(in.a, in.b, s);
  broadcast_batch(in.a, in.b, s);
  const array out = make_node<Matmul>(product_shape(in.a, in.b), dtype, {in.a, in.b}, to_stream(s));
  return squeeze(reshape(out, shape, s), in.vectors, s);
}

array addmm(array c, array a, array b, const float& alpha, const float& beta, StreamOrDevice s) {
  const Dtype dtype = result_type(a, b, c);
  Operands in("addmm", a, b, dtype, s);
  Shape shape = product_shape(in.a, in.b);
  // What the result will look like, without the axes that vectors lack.
  Shape out_shape = shape;
  if (b.ndim() == 1) out_shape.pop_back();
  if (a.ndim() == 1) out_shape.erase(out_shape.end() - (b.ndim() == 1 ? 1 : 2));
  if (broadcast_shapes(c.shape(), out_shape) != out_shape) {
    invalid("addmm", "c of shape " + text(c.shape()) + ", expected one that broadcasts to " +
                         text(out_shape));
  }
  c = reshape(broadcast_to(astype(std::move(c), dtype, s), out_shape, s), shape, s);
  if (in.a.shape(-1) == 0) return reshape(multiply(c, array(beta, dtype), s), out_shape, s);
  if (flatten_rows(in.a, in.b, s)) c = flatten(c, 0, -2, s);
  broadcast_batch(in.a, in.b, s);
  const Shape product = product_shape(in.a, in.b);
  const array out = make_node<AddMM>(product, dtype, {in.a, in.b, c}, to_stream(s), {alpha, beta});
  return reshape(out, out_shape, s);
}

array gather_mm(array a, array b, std::optional<array> lhs_indices,
                std::optional<array> rhs_indices, bool, StreamOrDevice s) {
  if (!lhs_indices && !rhs_indices) return matmul(a, b, s);
  const Dtype dtype = result_type(a, b);
  const Operands in("gather_mm", a, b, dtype, s);
  auto [lhs, rhs] = matrix_indices("gather_mm", in.a, in.b, lhs_indices, rhs_indices, s);
  const Shape shape = with_matrix(lhs.shape(), in.a.shape(-2), in.b.shape(-1));
  if (in.a.shape(-1) == 0) return squeeze(zeros(shape, dtype, s), in.vectors, s);
  const array out = make_node<GatherMM>(shape, dtype, {in.a, in.b, lhs, rhs}, to_stream(s));
  return squeeze(out, in.vectors, s);
}

array tensordot(const array& a, const array& b, const std::vector<int>& axes_a,
                const std::vector<int>& axes_b, StreamOrDevice s) {
  if (axes_a.size() != axes_b.size()) {
    invalid("tensordot", std::to_string(axes_a.size()) + " axes against " +
                             std::to_string(axes_b.size()) + ", expected as many");
  }
  checked_axes("tensordot", axes_a, a.ndim());
  checked_axes("tensordot", axes_b, b.ndim());
  std::vector<int> in_a, in_b;
  for (size_t i = 0; i < axes_a.size(); i++) {
    in_a.push_back(checked_axis("tensordot", axes_a[i], a.ndim()));
    in_b.push_back(checked_axis("tensordot", axes_b[i], b.ndim()));
    if (a.shape(in_a.back()) != b.shape(in_b.back())) {
      invalid("tensordot", "shapes " + text(a.shape()) + " and " + text(b.shape()) +
                               " differ on the summed axes");
    }
  }
  const array left = gathered_last(a, in_a, s), right = gathered_last(b, in_b, s);
  Shape shape(left.shape().begin(), left.shape().end() - 1);
  shape.insert(shape.end(), right.shape().begin(), right.shape().end() - 1);
  auto rows = [&](const array& x) {
    const int64_t summed = std::max(x.shape(-1), 1);
    const auto count = static_cast<int64_t>(x.size()) / summed;
    return reshape(x, {dimension("tensordot", count), x.shape(-1)}, s);
  };
  if (left.shape(-1) == 0) return zeros(shape, result_type(a, b), s);
  return reshape(matmul(rows(left), transpose(rows(right), s), s), shape, s);
}
array tensordot(const array& a, const array& b, const int axis, StreamOrDevice s) {
  const int most = static_cast<int>(std::min(a.ndim(), b.ndim()));
  if (axis < 0 || axis > most) {
    invalid("tensordot", std::to_string(axis) + " axes, expected 0 to " + std::to_string(most));
  }
  std::vector<int> last, first;
  for (int i = 0; i < axis; i++) {
    last.push_back(static_cast<int>(a.ndim()) - axis + i);
    first.push_back(i);
  }
  return tensordot(a, b, last, first, s);
}

array outer(const array& a, const array& b, StreamOrDevice s) {
  return multiply(expand_dims(flatten(a, s), 1, s), flatten(b, s), s);
}

array inner(const array& a, const array& b, StreamOrDevice s) {
  if (a.ndim() == 0 || b.ndim() == 0) return multiply(a, b, s);
  if (a.shape(-1) != b.shape(-1)) {
    invalid("inner", "shapes " + text(a.shape()) + " and " + text(b.shape()) +
                         ", expected last axes of one length");
  }
  return tensordot(a, b, std::vector<int>{-1}, std::vector<int>{-1}, s);
}

array vecdot(const array& a, const array& b, int axis, StreamOrDevice s) {
  const int ndim = static_cast<int>(std::max(a.ndim(), b.ndim()));
  const int along = checked_axis("vecdot", axis, static_cast<size_t>(ndim)) - ndim;
  if (a.shape(checked_axis("vecdot", along, a.ndim())) !=
      b.shape(checked_axis("vecdot", along, b.ndim()))) {
    invalid("vecdot", "shapes " + text(a.shape()) + " and " + text(b.shape()) +
                          ", expected one length along axis " + std::to_string(axis));
  }
  return sum(multiply(a, b, s), along, false, s);
}

}  // namespace mlxa
