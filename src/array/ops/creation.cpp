#include <cmath>
#include <limits>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

array arange(double start, double stop, double step, Dtype dtype, StreamOrDevice s) {
  if (dtype == bool_) invalid("arange", "type bool, expected a number type");
  if (step == 0) invalid("arange", "step 0, expected another");
  // NaN and infinite ranges fail the comparison.
  const double length = std::ceil((stop - start) / step);
  if (!(length <= std::numeric_limits<ShapeElem>::max())) {
    invalid("arange", "from " + std::to_string(start) + " to " + std::to_string(stop) + " by " +
                          std::to_string(step) + ", expected at most 2^31 - 1 elements");
  }
  const auto size = static_cast<ShapeElem>(std::max(length, 0.0));
  return make_node<Arange>({size}, dtype, {}, to_stream(s), {start, step});
}
array arange(double start, double stop, double step, StreamOrDevice s) {
  return arange(start, stop, step, float32, s);
}
array arange(double start, double stop, Dtype dtype, StreamOrDevice s) {
  return arange(start, stop, 1.0, dtype, s);
}
array arange(double start, double stop, StreamOrDevice s) {
  return arange(start, stop, 1.0, float32, s);
}
array arange(double stop, Dtype dtype, StreamOrDevice s) {
  return arange(0.0, stop, 1.0, dtype, s);
}
array arange(double stop, StreamOrDevice s) { return arange(0.0, stop, 1.0, float32, s); }
array arange(int start, int stop, int step, StreamOrDevice s) {
  return arange(static_cast<double>(start), static_cast<double>(stop), static_cast<double>(step),
                int32, s);
}
array arange(int start, int stop, StreamOrDevice s) { return arange(start, stop, 1, s); }
array arange(int stop, StreamOrDevice s) { return arange(0, stop, 1, s); }

array linspace(double start, double stop, int num, bool endpoint, Dtype dtype, StreamOrDevice s) {
  if (num < 0) invalid("linspace", std::to_string(num) + " values, expected 0 or more");
  const int steps = endpoint ? num - 1 : num;
  if (steps < 1) return full({num}, array(start, float32), dtype, s);
  // Weighted from both ends, so that the last value is `stop` itself.
  const array t = divide(arange(0, num, s), array(steps, float32), s);
  const array head = multiply(subtract(array(1.0f), t, s), array(start, float32), s);
  return astype(add(head, multiply(t, array(stop, float32), s), s), dtype, s);
}

array full(Shape shape, array vals, Dtype dtype, StreamOrDevice s) {
  check_shape("full", shape);
  array value = broadcast_to(astype(std::move(vals), dtype, s), shape, s);
  return make_node<Full>(std::move(shape), dtype, {std::move(value)}, to_stream(s));
}
array full(Shape shape, array vals, StreamOrDevice s) {
  const Dtype dtype = vals.dtype();
  return full(std::move(shape), std::move(vals), dtype, s);
}
array full_like(const array& a, array vals, Dtype dtype, StreamOrDevice s) {
  return full(a.shape(), std::move(vals), dtype, s);
}
array full_like(const array& a, array vals, StreamOrDevice s) {
  return full(a.shape(), std::move(vals), a.dtype(), s);
}

array zeros(const Shape& shape, Dtype dtype, StreamOrDevice s) {
  return full(shape, array(0, dtype), s);
}
array zeros_like(const array& a, StreamOrDevice s) { return zeros(a.shape(), a.dtype(), s); }
array zeros_like(const array& a, Dtype dtype, StreamOrDevice s) {
  return zeros(a.shape(), dtype, s);
}
array ones(const Shape& shape, Dtype dtype, StreamOrDevice s) {
  return full(shape, array(1, dtype), s);
}
array ones_like(const array& a, StreamOrDevice s) { return ones(a.shape(), a.dtype(), s); }
array ones_like(const array& a, Dtype dtype, StreamOrDevice s) { return ones(a.shape(), dtype, s); }

namespace {

// {column, row + k} of an [n, m] matrix, ready to broadcast against each other.
std::pair<array, array> coordinates(const char* op, int n, int m, int k, StreamOrDevice s) {
  if (n < 0 || m < 0) {
    invalid(op, "shape " + text(Shape{n, m}) + ", expected no negative dimension");
  }
  const double first = k;
  const array rows = arange(first, first + n, 1.0, int64, s);
  return {arange(0.0, static_cast<double>(m), 1.0, int64, s), reshape(rows, {n, 1}, s)};
}

}  // namespace

array eye(int n, int m, int k, Dtype dtype, StreamOrDevice s) {
  const auto [column, row] = coordinates("eye", n, m, k, s);
  return astype(equal(column, row, s), dtype, s);
}
array identity(int n, Dtype dtype, StreamOrDevice s) { return eye(n, n, 0, dtype, s); }

array tri(int n, int m, int k, Dtype type, StreamOrDevice s) {
  const auto [column, row] = coordinates("tri", n, m, k, s);
  return astype(less_equal(column, row, s), type, s);
}
array tril(array x, int k, StreamOrDevice s) {
  if (x.ndim() < 2) invalid("tril", "shape " + text(x.shape()) + ", expected two dimensions");
  return where(tri(x.shape(-2), x.shape(-1), k, bool_, s), x, array(0, x.dtype()), s);
}
array triu(array x, int k, StreamOrDevice s) {
  if (x.ndim() < 2) invalid("triu", "shape " + text(x.shape()) + ", expected two dimensions");
  const auto [column, row] = coordinates("triu", x.shape(-2), x.shape(-1), k, s);
  return where(greater_equal(column, row, s), x, array(0, x.dtype()), s);
}

std::vector<array> meshgrid(const std::vector<array>& arrays, bool sparse,
                            const std::string& indexing, StreamOrDevice s) {
  if (indexing != "xy" && indexing != "ij") {
    invalid("meshgrid", "indexing '" + indexing + "', expected 'xy' or 'ij'");
  }
  std::vector<array> out;
  for (size_t i = 0; i < arrays.size(); i++) {
    size_t axis = i;
    if (indexing == "xy" && arrays.size() > 1 && i < 2) axis = 1 - i;
    Shape shape(arrays.size(), 1);
    shape[axis] = dimension("meshgrid", static_cast<int64_t>(arrays[i].size()));
    out.push_back(reshape(arrays[i], shape, s));
  }
  return sparse ? out : broadcast_arrays(out, s);
}

array astype(array a, Dtype dtype, StreamOrDevice s) {
  if (a.dtype() == dtype) return a;
  Shape shape = a.shape();
  return make_node<AsType>(std::move(shape), dtype, {std::move(a)}, to_stream(s), {dtype});
}

array view(const array& a, const Dtype& dtype, StreamOrDevice s) {
  if (a.dtype() == dtype) return a;
  Shape shape = a.shape();
  if (a.itemsize() != dtype.size()) {
    if (shape.empty()) {
      invalid("view", "a scalar of " + text(a.dtype()) + " as " + text(dtype) +
                          ", expected types of one size");
    }
    const int64_t bytes = static_cast<int64_t>(shape.back()) * static_cast<int64_t>(a.itemsize());
    if (bytes % dtype.size() != 0) {
      invalid("view", "last axis of " + std::to_string(bytes) + " bytes as " + text(dtype) +
                          ", expected a multiple of " + std::to_string(dtype.size()));
    }
    shape.back() = dimension("view", bytes / dtype.size());
  }
  return make_node<View>(std::move(shape), dtype, {a}, to_stream(s), {dtype});
}

// A broadcast to its own shape: a node that shares the memory and lets gradients through.
array copy(array a, StreamOrDevice s) {
  const Shape shape = a.shape();
  const Dtype dtype = a.dtype();
  return make_node<Broadcast>(shape, dtype, {std::move(a)}, to_stream(s), {shape});
}

array contiguous(const array& a, bool, StreamOrDevice s) {
  return make_node<Contiguous>(a.shape(), a.dtype(), {a}, to_stream(s));
}

array as_strided(array a, Shape shape, Strides strides, size_t offset, StreamOrDevice s) {
  check_shape("as_strided", shape);
  if (shape.size() != strides.size()) {
    invalid("as_strided", std::to_string(strides.size()) + " strides for shape " + text(shape));
  }
  // The first and last element reached, counted from the start of `a`.
  __int128 low = static_cast<__int128>(offset), high = low;
  bool empty = false;
  for (size_t i = 0; i < shape.size(); i++) {
    empty |= shape[i] == 0;
    const __int128 span = static_cast<__int128>(strides[i]) * (shape[i] - 1);
    (span < 0 ? low : high) += span;
  }
  if (!empty && (low < 0 || high >= static_cast<__int128>(a.size()))) {
    invalid("as_strided", "shape " + text(shape) + " with these strides reaches outside of " +
                              std::to_string(a.size()) + " elements");
  }
  const Dtype dtype = a.dtype();
  const Shape out = shape;
  StridedParams params{std::move(shape), std::move(strides),
                       empty ? 0 : static_cast<int64_t>(offset)};
  return make_node<AsStrided>(out, dtype, {contiguous(flatten(a, s), false, s)}, to_stream(s),
                              std::move(params));
}

array stop_gradient(const array& a, StreamOrDevice s) {
  return make_node<StopGradient>(a.shape(), a.dtype(), {a}, to_stream(s));
}

}  // namespace mlxa
