// Questions about values: special numbers, and equality up to a tolerance.
#include <limits>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

array is_value(const array& a, float value, StreamOrDevice s) {
  if (!is_floating(a.dtype())) return zeros(a.shape(), bool_, s);
  return equal(a, array(value, a.dtype()), s);
}

}  // namespace

array isnan(const array& a, StreamOrDevice s) {
  return is_floating(a.dtype()) ? not_equal(a, a, s) : zeros(a.shape(), bool_, s);
}
array isposinf(const array& a, StreamOrDevice s) { return is_value(a, kInfinity, s); }
array isneginf(const array& a, StreamOrDevice s) { return is_value(a, -kInfinity, s); }
array isinf(const array& a, StreamOrDevice s) {
  return logical_or(isposinf(a, s), isneginf(a, s), s);
}
array isfinite(const array& a, StreamOrDevice s) {
  return logical_not(logical_or(isinf(a, s), isnan(a, s), s), s);
}

array nan_to_num(const array& a, float nan, std::optional<float> posinf,
                 std::optional<float> neginf, StreamOrDevice s) {
  const Dtype dtype = a.dtype();
  if (!is_floating(dtype)) return a;
  const array high(posinf.value_or(static_cast<float>(finfo(dtype).max)), dtype);
  const array low(neginf.value_or(static_cast<float>(finfo(dtype).min)), dtype);
  const array numbers = where(isnan(a, s), array(nan, dtype), a, s);
  return where(isneginf(a, s), low, where(isposinf(a, s), high, numbers, s), s);
}

array array_equal(const array& a, const array& b, bool equal_nan, StreamOrDevice s) {
  if (a.shape() != b.shape()) return array(false);
  array same = equal(a, b, s);
  if (equal_nan) same = logical_or(same, logical_and(isnan(a, s), isnan(b, s), s), s);
  return all(same, false, s);
}

array isclose(const array& a, const array& b, double rtol, double atol, bool equal_nan,
              StreamOrDevice s) {
  const array bound = add(array(atol), multiply(array(rtol), abs(b, s), s), s);
  // Not |a - b|: differences of unsigned numbers wrap.
  const array distance = subtract(maximum(a, b, s), minimum(a, b, s), s);
  const array near = less_equal(distance, bound, s);
  const array any_infinite = logical_or(isinf(a, s), isinf(b, s), s);
  array close = where(any_infinite, equal(a, b, s), near, s);
  if (equal_nan) close = logical_or(close, logical_and(isnan(a, s), isnan(b, s), s), s);
  return close;
}

array allclose(const array& a, const array& b, double rtol, double atol, bool equal_nan,
               StreamOrDevice s) {
  return all(isclose(a, b, rtol, atol, equal_nan, s), false, s);
}

}  // namespace mlxa
