#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

// Python's rules for one slice: start and stop brought into range; {length, normalized} per axis.
// Afterwards start is the first element taken (any value where the slice is empty).
Shape normalize_slice(const char* op, const array& a, SliceParams& slice) {
  const size_t ndim = a.ndim();
  if (slice.start.size() != ndim || slice.stop.size() != ndim || slice.strides.size() != ndim) {
    invalid(op, "starts, stops and strides for " + std::to_string(slice.start.size()) + ", " +
                    std::to_string(slice.stop.size()) + " and " +
                    std::to_string(slice.strides.size()) + " axes, expected " +
                    std::to_string(ndim));
  }
  Shape shape(ndim);
  for (size_t i = 0; i < ndim; i++) {
    const int64_t n = a.shape()[i], stride = slice.strides[i];
    if (stride == 0) invalid(op, "stride 0, expected another");
    // Backwards the range starts at n - 1 at most and may end before 0, which -1 stands for here.
    const int64_t low = stride < 0 ? -1 : 0, high = stride < 0 ? n - 1 : n;
    auto bound = [&](int64_t index) {
      return std::clamp(index < 0 ? index + n : index, low, high);
    };
    const int64_t start = bound(slice.start[i]), stop = bound(slice.stop[i]);
    const int64_t distance = stride < 0 ? start - stop : stop - start;
    const int64_t step = std::abs(stride);
    slice.start[i] = static_cast<ShapeElem>(start);
    slice.stop[i] = static_cast<ShapeElem>(stop);
    shape[i] = static_cast<ShapeElem>(std::max<int64_t>((distance + step - 1) / step, 0));
  }
  return shape;
}

void check_along_axis(const char* op, const array& a, const array& indices) {
  check_indices(op, indices);
  if (indices.ndim() != a.ndim()) {
    invalid(op, "indices with " + std::to_string(indices.ndim()) + " dimensions, expected " +
                    std::to_string(a.ndim()));
  }
}

// An array and the indices into one of its axes, on the other axes broadcast against each other.
std::pair<array, array> matched_beside(const char* op, const array& a, const array& indices,
                                       int axis, StreamOrDevice s) {
  const auto along = static_cast<size_t>(axis);
  Shape source = a.shape(), chosen = indices.shape();
  source[along] = chosen[along] = 1;
  source = chosen = broadcast_shapes(source, chosen);
  source[along] = a.shape(axis);
  chosen[along] = indices.shape(axis);
  array at = broadcast_to(indices, chosen, s);
  if (a.shape(axis) == 0 && at.size() > 0) {
    invalid(op, std::to_string(at.size()) + " elements of an empty axis");
  }
  return {broadcast_to(a, source, s), std::move(at)};
}

bool all_ones(const Shape& strides) {
  return std::all_of(strides.begin(), strides.end(), [](ShapeElem stride) { return stride == 1; });
}

}  // namespace

array slice(const array& a, Shape start, Shape stop, Shape strides, StreamOrDevice s) {
  SliceParams params{std::move(start), std::move(stop), std::move(strides)};
  Shape shape = normalize_slice("slice", a, params);
  if (shape == a.shape() && all_ones(params.strides)) return a;
  return make_node<Slice>(std::move(shape), a.dtype(), {a}, to_stream(s), std::move(params));
}
array slice(const array& a, Shape start, Shape stop, StreamOrDevice s) {
  return slice(a, std::move(start), std::move(stop), Shape(a.ndim(), 1), s);
}

array slice_update(const array& src, const array& update, Shape start, Shape stop, Shape strides,
                   StreamOrDevice s) {
  SliceParams params{std::move(start), std::move(stop), std::move(strides)};
  const Shape shape = normalize_slice("slice_update", src, params);
  const array values = broadcast_to(astype(update, src.dtype(), s), shape, s);
  if (values.size() == 0) return src;
  if (shape == src.shape() && all_ones(params.strides)) return values;
  return make_node<SliceUpdate>(src.shape(), src.dtype(), {src, values}, to_stream(s),
                                std::move(params));
}
array slice_update(const array& src, const array& update, Shape start, Shape stop,
                   StreamOrDevice s) {
  return slice_update(src, update, std::move(start), std::move(stop), Shape(src.ndim(), 1), s);
}

array take(const array& a, const array& indices, int axis, StreamOrDevice s) {
  axis = checked_axis("take", axis, a.ndim());
  check_indices("take", indices);
  if (a.shape(axis) == 0 && indices.size() > 0) {
    invalid("take", std::to_string(indices.size()) + " elements of an empty axis");
  }
  Shape shape(a.shape().begin(), a.shape().begin() + axis);
  shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
  shape.insert(shape.end(), a.shape().begin() + axis + 1, a.shape().end());
  return make_node<Take>(std::move(shape), a.dtype(), {a, indices}, to_stream(s), {axis});
}
array take(const array& a, const array& indices, StreamOrDevice s) {
  return take(flatten(a, s), indices, 0, s);
}
array take(const array& a, int index, int axis, StreamOrDevice s) {
  axis = checked_axis("take", axis, a.ndim());
  const int length = a.shape(axis);
  if (index < -length || index >= length) {
    throw std::out_of_range("[take] index " + std::to_string(index) + " of an axis of length " +
                            std::to_string(length));
  }
  Shape start(a.ndim(), 0), stop = a.shape();
  start[static_cast<size_t>(axis)] = index < 0 ? index + length : index;
  stop[static_cast<size_t>(axis)] = start[static_cast<size_t>(axis)] + 1;
  return squeeze(slice(a, std::move(start), std::move(stop), s), axis, s);
}
array take(const array& a, int index, StreamOrDevice s) { return take(flatten(a, s), index, 0, s); }

array take_along_axis(const array& a, const array& indices, int axis, StreamOrDevice s) {
  axis = checked_axis("take_along_axis", axis, a.ndim());
  check_along_axis("take_along_axis", a, indices);
  auto [from, at] = matched_beside("take_along_axis", a, indices, axis, s);
  const Shape shape = at.shape();
  return make_node<GatherAxis>(shape, a.dtype(), {std::move(from), std::move(at)}, to_stream(s),
                               {axis});
}

array put_along_axis(const array& a, const array& indices, const array& values, int axis,
                     StreamOrDevice s) {
  axis = checked_axis("put_along_axis", axis, a.ndim());
  check_along_axis("put_along_axis", a, indices);
  array update = astype(values, a.dtype(), s);
  if (update.ndim() > a.ndim()) {
    std::vector<int> leading(update.ndim() - a.ndim());
    std::iota(leading.begin(), leading.end(), 0);
    update = squeeze(update, leading, s);
  }
  const Shape shape = broadcast_shapes(indices.shape(), update.shape());
  auto [to, at] = matched_beside("put_along_axis", a, broadcast_to(indices, shape, s), axis, s);
  if (at.size() == 0) return to;
  update = broadcast_to(update, at.shape(), s);
  const Shape whole = to.shape();
  return make_node<ScatterAxis>(whole, a.dtype(), {std::move(to), std::move(at), std::move(update)},
                                to_stream(s), {axis});
}

array where(const array& condition, const array& x, const array& y, StreamOrDevice s) {
  const Dtype dtype = result_type(x, y);
  std::vector<array> inputs =
      broadcast_arrays({astype(condition, bool_, s), astype(x, dtype, s), astype(y, dtype, s)}, s);
  const Shape shape = inputs[0].shape();
  return make_node<Select>(shape, dtype, std::move(inputs), to_stream(s));
}

array diagonal(const array& a, int offset, int axis1, int axis2, StreamOrDevice s) {
  if (a.ndim() < 2) invalid("diagonal", "shape " + text(a.shape()) + ", expected two dimensions");
  axis1 = checked_axis("diagonal", axis1, a.ndim());
  axis2 = checked_axis("diagonal", axis2, a.ndim());
  if (axis1 == axis2) invalid("diagonal", "axis " + std::to_string(axis1) + " named twice");
  const int64_t rows = a.shape(axis1), columns = a.shape(axis2), k = offset;
  const int64_t row = std::max<int64_t>(-k, 0), column = std::max<int64_t>(k, 0);
  const int64_t length = std::max<int64_t>(std::min(rows - row, columns - column), 0);
  // With the two axes merged, the diagonal is every (columns + 1)-th element.
  const array merged = gathered_last(a, {axis1, axis2}, s);
  Shape start(merged.ndim(), 0), stop = merged.shape(), strides(merged.ndim(), 1);
  const int64_t first = length > 0 ? row * columns + column : 0;
  start.back() = static_cast<ShapeElem>(first);
  stop.back() = length > 0 ? static_cast<ShapeElem>(first + (length - 1) * (columns + 1) + 1) : 0;
  strides.back() = dimension("diagonal", columns + 1);
  return slice(merged, std::move(start), std::move(stop), std::move(strides), s);
}

array diag(const array& a, int k, StreamOrDevice s) {
  if (a.ndim() == 2) return diagonal(a, k, 0, 1, s);
  if (a.ndim() != 1) {
    invalid("diag", "shape " + text(a.shape()) + ", expected one or two dimensions");
  }
  const int64_t offset = k, length = a.shape(0);
  const int64_t side = length + std::abs(offset);
  const ShapeElem size = dimension("diag", side * side);
  const int64_t first = offset >= 0 ? offset : -offset * side;
  const int64_t stop = length > 0 ? first + (length - 1) * (side + 1) + 1 : first;
  const array flat =
      slice_update(zeros({size}, a.dtype(), s), a, Shape{static_cast<ShapeElem>(first)},
                   Shape{static_cast<ShapeElem>(stop)}, Shape{dimension("diag", side + 1)}, s);
  return reshape(flat, {static_cast<ShapeElem>(side), static_cast<ShapeElem>(side)}, s);
}

array trace(const array& a, int offset, int axis1, int axis2, Dtype dtype, StreamOrDevice s) {
  const array values = astype(diagonal(a, offset, axis1, axis2, s), dtype, s);
  return astype(sum(values, -1, false, s), dtype, s);
}
array trace(const array& a, int offset, int axis1, int axis2, StreamOrDevice s) {
  return sum(diagonal(a, offset, axis1, axis2, s), -1, false, s);
}
array trace(const array& a, StreamOrDevice s) { return trace(a, 0, 0, 1, s); }

}  // namespace mlxa
