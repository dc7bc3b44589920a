#include <algorithm>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

// A Reduce node over ascending axes. Its input has the type of its output.
array reduce(const array& a, ReduceKind kind, Dtype dtype, const std::vector<int>& axes,
             bool keepdims, StreamOrDevice s) {
  array in = astype(a, dtype, s);
  if (axes.empty()) return in;
  array out = make_node<Reduce>(reduced_shape(a.shape(), axes, true), dtype, {std::move(in)},
                                to_stream(s), {kind, axes});
  return keepdims ? out : squeeze(out, axes, s);
}

// Sums and products of bool and narrow integers are at least 32 bits wide.
Dtype accumulated(const Dtype& dtype) {
  if (dtype == bool_) return int32;
  if (!is_integer(dtype) || dtype.size() >= 4) return dtype;
  return issubdtype(dtype, signedinteger) ? int32 : uint32;
}

void check_not_empty(const char* op, const array& a, const std::vector<int>& axes) {
  for (int axis : axes) {
    if (a.shape(axis) == 0) {
      invalid(op, "axis " + std::to_string(axis) + " of shape " + text(a.shape()) +
                      " is empty, expected one or more elements");
    }
  }
}

double count_along(const array& a, const std::vector<int>& axes) {
  double count = 1;
  for (int axis : axes) count *= a.shape(axis);
  return count;
}

}  // namespace

array all(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  return reduce(a, ReduceKind::kAll, bool_, checked_axes("all", axes, a.ndim()), keepdims, s);
}
array any(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  return reduce(a, ReduceKind::kAny, bool_, checked_axes("any", axes, a.ndim()), keepdims, s);
}
array sum(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  return reduce(a, ReduceKind::kSum, accumulated(a.dtype()), checked_axes("sum", axes, a.ndim()),
                keepdims, s);
}
array prod(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  return reduce(a, ReduceKind::kProd, accumulated(a.dtype()), checked_axes("prod", axes, a.ndim()),
                keepdims, s);
}
array max(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  const std::vector<int> along = checked_axes("max", axes, a.ndim());
  check_not_empty("max", a, along);
  return reduce(a, ReduceKind::kMax, a.dtype(), along, keepdims, s);
}
array min(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  const std::vector<int> along = checked_axes("min", axes, a.ndim());
  check_not_empty("min", a, along);
  return reduce(a, ReduceKind::kMin, a.dtype(), along, keepdims, s);
}

array mean(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  const std::vector<int> along = checked_axes("mean", axes, a.ndim());
  const Dtype dtype = at_least_float(a.dtype());
  const array total = sum(astype(a, dtype, s), along, keepdims, s);
  return multiply(total, array(1.0 / count_along(a, along), dtype), s);
}

array median(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  const std::vector<int> along = checked_axes("median", axes, a.ndim());
  check_not_empty("median", a, along);
  const Dtype dtype = at_least_float(a.dtype());
  if (along.empty()) return astype(a, dtype, s);
  const array sorted = sort(gathered_last(astype(a, dtype, s), along, s), -1, s);
  const int length = sorted.shape(-1);
  array middle = take(sorted, length / 2, -1, s);
  if (length % 2 == 0) {
    middle = multiply(add(take(sorted, length / 2 - 1, -1, s), middle, s), array(0.5, dtype), s);
  }
  // NaN sorts last, and one makes the median NaN.
  const array last = take(sorted, -1, -1, s);
  middle = where(isnan(last, s), last, middle, s);
  return reshape(middle, reduced_shape(a.shape(), along, keepdims), s);
}

array var(const array& a, const std::vector<int>& axes, bool keepdims, int ddof, StreamOrDevice s) {
  const std::vector<int> along = checked_axes("var", axes, a.ndim());
  const Dtype dtype = at_least_float(a.dtype());
  const array values = astype(a, dtype, s);
  const array distance = subtract(values, mean(values, along, true, s), s);
  const double divisor = std::max(count_along(a, along) - ddof, 0.0);
  return divide(sum(square(distance, s), along, keepdims, s), array(divisor, dtype), s);
}
array std(const array& a, const std::vector<int>& axes, bool keepdims, int ddof, StreamOrDevice s) {
  return sqrt(var(a, axes, keepdims, ddof, s), s);
}

array logsumexp(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  if (a.size() == 0) invalid("logsumexp", "an empty array, expected one or more elements");
  const std::vector<int> along = checked_axes("logsumexp", axes, a.ndim());
  const array values = astype(a, at_least_float(a.dtype()), s);
  if (along.empty()) return values;
  const array rows = gathered_last(values, along, s);
  Shape shape = rows.shape();
  shape.back() = 1;
  const array out = make_node<LogSumExp>(shape, rows.dtype(), {rows}, to_stream(s));
  return reshape(out, reduced_shape(a.shape(), along, keepdims), s);
}

array count_nonzero(const array& a, const std::vector<int>& axes, bool keepdims, StreamOrDevice s) {
  return sum(astype(a, bool_, s), axes, keepdims, s);
}

array softmax(const array& a, const std::vector<int>& axes, bool, StreamOrDevice s) {
  const std::vector<int> along = checked_axes("softmax", axes, a.ndim());
  const array values = astype(a, at_least_float(a.dtype()), s);
  if (along.empty()) return full_like(values, 1.0f, s);
  const std::vector<int> order = axes_last(along, a.ndim());
  const array rows = gathered_last(values, along, s);
  const array out = make_node<Softmax>(rows.shape(), rows.dtype(), {rows}, to_stream(s));
  // Back the way gathered_last came.
  Shape moved;
  std::vector<int> inverse(order.size());
  for (size_t i = 0; i < order.size(); i++) {
    moved.push_back(a.shape(order[i]));
    inverse[static_cast<size_t>(order[i])] = static_cast<int>(i);
  }
  return transpose(reshape(out, moved, s), inverse, s);
}
array softmax(const array& a, bool precise, StreamOrDevice s) {
  return softmax(a, all_axes(a), precise, s);
}

// The overloads of a reduction: over all axes, and over one.
#define MLXA_REDUCTION(name)                                              \
  array name(const array& a, bool keepdims, StreamOrDevice s) {           \
    return name(a, all_axes(a), keepdims, s);                             \
  }                                                                       \
  array name(const array& a, int axis, bool keepdims, StreamOrDevice s) { \
    return name(a, std::vector<int>{axis}, keepdims, s);                  \
  }
#define MLXA_VARIANCE(name)                                                         \
  array name(const array& a, bool keepdims, int ddof, StreamOrDevice s) {           \
    return name(a, all_axes(a), keepdims, ddof, s);                                 \
  }                                                                                 \
  array name(const array& a, int axis, bool keepdims, int ddof, StreamOrDevice s) { \
    return name(a, std::vector<int>{axis}, keepdims, ddof, s);                      \
  }
MLXA_REDUCTION(all)
MLXA_REDUCTION(any)
MLXA_REDUCTION(sum)
MLXA_REDUCTION(prod)
MLXA_REDUCTION(max)
MLXA_REDUCTION(min)
MLXA_REDUCTION(mean)
MLXA_REDUCTION(median)
MLXA_REDUCTION(logsumexp)
MLXA_REDUCTION(count_nonzero)
MLXA_VARIANCE(var)
MLXA_VARIANCE(std)
#undef MLXA_REDUCTION
#undef MLXA_VARIANCE

namespace {

array arg_reduce(const char* op, ArgReduceParams::Kind kind, const array& a, int axis,
                 bool keepdims, StreamOrDevice s) {
  axis = checked_axis(op, axis, a.ndim());
  if (a.size() == 0) invalid(op, "shape " + text(a.shape()) + ", expected one or more elements");
  const array out = make_node<ArgReduce>(reduced_shape(a.shape(), {axis}, true), uint32, {a},
                                         to_stream(s), {kind, axis});
  return keepdims ? out : squeeze(out, axis, s);
}

array arg_reduce_flat(const char* op, ArgReduceParams::Kind kind, const array& a, bool keepdims,
                      StreamOrDevice s) {
  const array index = arg_reduce(op, kind, flatten(a, s), 0, true, s);
  return reshape(index, Shape(keepdims ? a.ndim() : 0, 1), s);
}

}  // namespace

array argmin(const array& a, bool keepdims, StreamOrDevice s) {
  return arg_reduce_flat("argmin", ArgReduceParams::ArgMin, a, keepdims, s);
}
array argmin(const array& a, int axis, bool keepdims, StreamOrDevice s) {
  return arg_reduce("argmin", ArgReduceParams::ArgMin, a, axis, keepdims, s);
}
array argmax(const array& a, bool keepdims, StreamOrDevice s) {
  return arg_reduce_flat("argmax", ArgReduceParams::ArgMax, a, keepdims, s);
}
array argmax(const array& a, int axis, bool keepdims, StreamOrDevice s) {
  return arg_reduce("argmax", ArgReduceParams::ArgMax, a, axis, keepdims, s);
}

}  // namespace mlxa
