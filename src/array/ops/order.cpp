// Sorting, and scans along an axis.
#include <bit>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

array sort(const array& a, int axis, StreamOrDevice s) {
  axis = checked_axis("sort", axis, a.ndim());
  return make_node<Sort>(a.shape(), a.dtype(), {a}, to_stream(s), {axis});
}
array argsort(const array& a, int axis, StreamOrDevice s) {
  axis = checked_axis("argsort", axis, a.ndim());
  return make_node<ArgSort>(a.shape(), uint32, {a}, to_stream(s), {axis});
}
array sort(const array& a, StreamOrDevice s) { return sort(flatten(a, s), 0, s); }
array argsort(const array& a, StreamOrDevice s) { return argsort(flatten(a, s), 0, s); }

namespace {

void check_kth(const char* op, const array& a, int kth, int axis) {
  const int length = a.shape(checked_axis(op, axis, a.ndim()));
  if (kth < -length || kth >= length) {
    invalid(op, "kth " + std::to_string(kth) + " along axis " + std::to_string(axis) +
                    " of shape " + text(a.shape()));
  }
}

}  // namespace

// A full sort is a partition at every place.
array partition(const array& a, int kth, int axis, StreamOrDevice s) {
  check_kth("partition", a, kth, axis);
  return sort(a, axis, s);
}
array argpartition(const array& a, int kth, int axis, StreamOrDevice s) {
  check_kth("argpartition", a, kth, axis);
  return argsort(a, axis, s);
}
array partition(const array& a, int kth, StreamOrDevice s) {
  return partition(flatten(a, s), kth, 0, s);
}
array argpartition(const array& a, int kth, StreamOrDevice s) {
  return argpartition(flatten(a, s), kth, 0, s);
}

array topk(const array& a, int k, int axis, StreamOrDevice s) {
  axis = checked_axis("topk", axis, a.ndim());
  const int length = a.shape(axis);
  if (k < 0 || k > length) {
    invalid("topk", std::to_string(k) + " elements along axis " + std::to_string(axis) +
                        " of shape " + text(a.shape()));
  }
  Shape start(a.ndim(), 0);
  start[static_cast<size_t>(axis)] = length - k;
  return slice(sort(a, axis, s), std::move(start), a.shape(), s);
}
array topk(const array& a, int k, StreamOrDevice s) { return topk(flatten(a, s), k, 0, s); }

namespace {

// a < b in the order of sort, where NaN comes last.
array sorts_before(const array& a, const array& b, StreamOrDevice s) {
  const array nan_last = logical_and(isnan(b, s), logical_not(isnan(a, s), s), s);
  return logical_or(less(a, b, s), nan_last, s);
}

}  // namespace

array searchsorted(const array& sorted_sequence, const array& values, const std::string& side,
                   StreamOrDevice s) {
  if (side != "left" && side != "right") {
    invalid("searchsorted", "side '" + side + "', expected 'left' or 'right'");
  }
  if (sorted_sequence.ndim() != 1) {
    invalid("searchsorted",
            "a sequence of shape " + text(sorted_sequence.shape()) + ", expected one dimension");
  }
  const int length = sorted_sequence.shape(0);
  array before = zeros(values.shape(), int32, s);
  // Binary search of all values at once: steps of falling powers of two, each taken where the
  // element just before the new place still comes before the value.
  for (int step = std::bit_floor(static_cast<unsigned>(length)); step > 0; step /= 2) {
    const array next = add(before, array(step), s);
    const array last = subtract(minimum(next, array(length), s), array(1), s);
    const array element = take(sorted_sequence, last, 0, s);
    const array passes = side == "left" ? sorts_before(element, values, s)
                                        : logical_not(sorts_before(values, element, s), s);
    const array inside = less_equal(next, array(length), s);
    before = where(logical_and(passes, inside, s), next, before, s);
  }
  return astype(before, uint32, s);
}

namespace {

array scan(const char* op, ScanKind kind, const array& a, int axis, bool reverse, bool inclusive,
           Dtype dtype, StreamOrDevice s) {
  axis = checked_axis(op, axis, a.ndim());
  return make_node<Scan>(a.shape(), dtype, {astype(a, dtype, s)}, to_stream(s),
                         {kind, axis, reverse, inclusive});
}

}  // namespace

array cumsum(const array& a, int axis, bool reverse, bool inclusive, std::optional<Dtype> dtype,
             StreamOrDevice s) {
  const Dtype own = a.dtype() == bool_ ? int32 : a.dtype();
  return scan("cumsum", ScanKind::kSum, a, axis, reverse, inclusive, dtype.value_or(own), s);
}
array cumprod(const array& a, int axis, bool reverse, bool inclusive, std::optional<Dtype> dtype,
              StreamOrDevice s) {
  return scan("cumprod", ScanKind::kProd, a, axis, reverse, inclusive, dtype.value_or(a.dtype()),
              s);
}
array cummax(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  return scan("cummax", ScanKind::kMax, a, axis, reverse, inclusive, a.dtype(), s);
}
array cummin(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  return scan("cummin", ScanKind::kMin, a, axis, reverse, inclusive, a.dtype(), s);
}
array logcumsumexp(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  return scan("logcumsumexp", ScanKind::kLogAddExp, a, axis, reverse, inclusive,
              at_least_float(a.dtype()), s);
}
array cumsum(const array& a, bool reverse, bool inclusive, std::optional<Dtype> dtype,
             StreamOrDevice s) {
  return cumsum(flatten(a, s), 0, reverse, inclusive, dtype, s);
}
array cumprod(const array& a, bool reverse, bool inclusive, std::optional<Dtype> dtype,
              StreamOrDevice s) {
  return cumprod(flatten(a, s), 0, reverse, inclusive, dtype, s);
}
array cummax(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return cummax(flatten(a, s), 0, reverse, inclusive, s);
}
array cummin(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return cummin(flatten(a, s), 0, reverse, inclusive, s);
}
array logcumsumexp(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return logcumsumexp(flatten(a, s), 0, reverse, inclusive, s);
}

array diff(const array& a, int n, int axis, StreamOrDevice s) {
  axis = checked_axis("diff", axis, a.ndim());
  if (n < 0) invalid("diff", "order " + std::to_string(n) + ", expected 0 or more");
  array out = a;
  for (; n > 0 && out.shape(axis) > 0; n--) {
    Shape second(out.ndim(), 0), first_stop = out.shape();
    second[static_cast<size_t>(axis)] = 1;
    first_stop[static_cast<size_t>(axis)]--;
    const array later = slice(out, second, out.shape(), s);
    const array earlier = slice(out, Shape(out.ndim(), 0), first_stop, s);
    out = out.dtype() == bool_ ? not_equal(later, earlier, s) : subtract(later, earlier, s);
  }
  return out;
}

}  // namespace mlxa
