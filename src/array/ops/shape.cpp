// Shape operations that are views wherever strides allow.
#include <algorithm>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

// Fills in the one -1 of `shape` so that it has `size` elements.
void infer_dimension(const char* op, int64_t size, Shape& shape) {
  auto open = std::find(shape.begin(), shape.end(), -1);
  if (open == shape.end()) return;
  if (std::count(shape.begin(), shape.end(), -1) > 1) {
    invalid(op, "shape " + text(shape) + ", expected at most one -1");
  }
  int64_t known = 1;
  for (ShapeElem dim : shape) {
    if (dim != -1 && __builtin_mul_overflow(known, static_cast<int64_t>(dim), &known)) known = 0;
  }
  if (known == 0) invalid(op, "shape " + text(shape) + " leaves the -1 open");
  if (size % known != 0) {
    invalid(op, std::to_string(size) + " elements do not fit shape " + text(shape));
  }
  *open = dimension(op, size / known);
}

bool has_elements(const Shape& shape, int64_t size) {
  int64_t count = 1;
  for (ShapeElem dim : shape) {
    if (dim < 0 || __builtin_mul_overflow(count, static_cast<int64_t>(dim), &count)) return false;
  }
  return count == size;
}

}  // namespace

array reshape(const array& a, Shape shape, StreamOrDevice s) {
  if (a.shape() == shape) return a;
  const auto size = static_cast<int64_t>(a.size());
  infer_dimension("reshape", size, shape);
  if (!has_elements(shape, size)) {
    invalid("reshape", "shape " + text(a.shape()) + " to " + text(shape) + ", expected " +
                           std::to_string(size) + " elements");
  }
  if (a.shape() == shape) return a;
  return make_node<Reshape>(shape, a.dtype(), {a}, to_stream(s), {shape});
}

array unflatten(const array& a, int axis, Shape shape, StreamOrDevice s) {
  if (shape.empty()) invalid("unflatten", "an empty shape, expected one or more dimensions");
  axis = checked_axis("unflatten", axis, a.ndim());
  infer_dimension("unflatten", a.shape(axis), shape);
  if (!has_elements(shape, a.shape(axis))) {
    invalid("unflatten",
            "axis of length " + std::to_string(a.shape(axis)) + " to shape " + text(shape));
  }
  Shape out = a.shape();
  out.erase(out.begin() + axis);
  out.insert(out.begin() + axis, shape.begin(), shape.end());
  return reshape(a, std::move(out), s);
}

array flatten(const array& a, int start_axis, int end_axis, StreamOrDevice s) {
  if (a.ndim() == 0) return reshape(a, {1}, s);
  const int ndim = static_cast<int>(a.ndim());
  const int first = std::max(start_axis < 0 ? start_axis + ndim : start_axis, 0);
  const int last = std::min(end_axis < 0 ? end_axis + ndim : end_axis, ndim - 1);
  if (first > last) {
    invalid("flatten", "axes " + std::to_string(start_axis) + " to " + std::to_string(end_axis) +
                           " of " + std::to_string(ndim) + " dimensions");
  }
  int64_t length = 1;
  for (int i = first; i <= last; i++) length *= a.shape(i);
  Shape shape(a.shape().begin(), a.shape().begin() + first);
  shape.push_back(dimension("flatten", length));
  shape.insert(shape.end(), a.shape().begin() + last + 1, a.shape().end());
  return reshape(a, std::move(shape), s);
}
array flatten(const array& a, StreamOrDevice s) { return flatten(a, 0, -1, s); }

array squeeze(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  const std::vector<int> sorted = checked_axes("squeeze", axes, a.ndim());
  for (int axis : sorted) {
    if (a.shape(axis) != 1) {
      invalid("squeeze", "axis " + std::to_string(axis) + " of shape " + text(a.shape()) +
                             ", expected length 1");
    }
  }
  if (sorted.empty()) return a;
  return make_node<Squeeze>(reduced_shape(a.shape(), sorted, false), a.dtype(), {a}, to_stream(s),
                            {sorted});
}
array squeeze(const array& a, int axis, StreamOrDevice s) {
  return squeeze(a, std::vector<int>{axis}, s);
}
array squeeze(const array& a, StreamOrDevice s) {
  std::vector<int> axes;
  for (int i = 0; i < static_cast<int>(a.ndim()); i++) {
    if (a.shape(i) == 1) axes.push_back(i);
  }
  return squeeze(a, axes, s);
}

array expand_dims(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  const std::vector<int> sorted = checked_axes("expand_dims", axes, a.ndim() + axes.size());
  if (sorted.empty()) return a;
  Shape shape = a.shape();
  for (int axis : sorted) shape.insert(shape.begin() + axis, 1);
  return make_node<ExpandDims>(std::move(shape), a.dtype(), {a}, to_stream(s), {sorted});
}
array expand_dims(const array& a, int axis, StreamOrDevice s) {
  return expand_dims(a, std::vector<int>{axis}, s);
}

array transpose(const array& a, std::vector<int> axes, StreamOrDevice s) {
  if (axes.size() != a.ndim()) {
    invalid("transpose", std::to_string(axes.size()) + " axes for an array with " +
                             std::to_string(a.ndim()) + " dimensions");
  }
  checked_axes("transpose", axes, a.ndim());
  Shape shape;
  for (int& axis : axes) {
    axis = checked_axis("transpose", axis, a.ndim());
    shape.push_back(a.shape(axis));
  }
  if (std::is_sorted(axes.begin(), axes.end())) return a;
  return make_node<Transpose>(std::move(shape), a.dtype(), {a}, to_stream(s), {std::move(axes)});
}
array transpose(const array& a, StreamOrDevice s) {
  std::vector<int> axes = all_axes(a);
  std::reverse(axes.begin(), axes.end());
  return transpose(a, std::move(axes), s);
}
array matrix_transpose(const array& a, StreamOrDevice s) {
  if (a.ndim() < 2) {
    invalid("matrix_transpose", "shape " + text(a.shape()) + ", expected two dimensions");
  }
  return swapaxes(a, -1, -2, s);
}
array swapaxes(const array& a, int axis1, int axis2, StreamOrDevice s) {
  axis1 = checked_axis("swapaxes", axis1, a.ndim());
  axis2 = checked_axis("swapaxes", axis2, a.ndim());
  std::vector<int> axes = all_axes(a);
  std::swap(axes[static_cast<size_t>(axis1)], axes[static_cast<size_t>(axis2)]);
  return transpose(a, std::move(axes), s);
}
array moveaxis(const array& a, int source, int destination, StreamOrDevice s) {
  source = checked_axis("moveaxis", source, a.ndim());
  destination = checked_axis("moveaxis", destination, a.ndim());
  std::vector<int> axes = all_axes(a);
  axes.erase(axes.begin() + source);
  axes.insert(axes.begin() + destination, source);
  return transpose(a, std::move(axes), s);
}

array broadcast_to(const array& a, const Shape& shape, StreamOrDevice s) {
  if (a.shape() == shape) return a;
  check_shape("broadcast_to", shape);
  if (broadcast_shapes(a.shape(), shape) != shape) {
    invalid("broadcast_to", "shape " + text(a.shape()) + " to " + text(shape));
  }
  return make_node<Broadcast>(shape, a.dtype(), {a}, to_stream(s), {shape});
}
std::vector<array> broadcast_arrays(const std::vector<array>& inputs, StreamOrDevice s) {
  Shape shape;
  for (const array& in : inputs) shape = broadcast_shapes(shape, in.shape());
  std::vector<array> out;
  for (const array& in : inputs) out.push_back(broadcast_to(in, shape, s));
  return out;
}

array atleast_1d(const array& a, StreamOrDevice s) { return a.ndim() ? a : reshape(a, {1}, s); }
array atleast_2d(const array& a, StreamOrDevice s) {
  const array row = atleast_1d(a, s);
  return row.ndim() > 1 ? row : expand_dims(row, 0, s);
}
array atleast_3d(const array& a, StreamOrDevice s) {
  const array matrix = atleast_2d(a, s);
  return matrix.ndim() > 2 ? matrix : expand_dims(matrix, 2, s);
}

namespace {

template <class F>
std::vector<array> each(const std::vector<array>& arrays, F&& fn) {
  std::vector<array> out;
  for (const array& a : arrays) out.push_back(fn(a));
  return out;
}

}  // namespace

std::vector<array> atleast_1d(const std::vector<array>& a, StreamOrDevice s) {
  return each(a, [&](const array& x) { return atleast_1d(x, s); });
}
std::vector<array> atleast_2d(const std::vector<array>& a, StreamOrDevice s) {
  return each(a, [&](const array& x) { return atleast_2d(x, s); });
}
std::vector<array> atleast_3d(const std::vector<array>& a, StreamOrDevice s) {
  return each(a, [&](const array& x) { return atleast_3d(x, s); });
}

}  // namespace mlxa
