#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

// An op whose result has its operands' type.
template <class T>
array arithmetic(const array& a, const array& b, StreamOrDevice s) {
  const Dtype dtype = result_type(a, b);
  return binary_node<T>(a, b, dtype, dtype, s);
}

// The same for ops that no back end has for bool: computed in uint8.
template <class T>
array integer_arithmetic(const array& a, const array& b, StreamOrDevice s) {
  const Dtype dtype = result_type(a, b);
  if (dtype != bool_) return binary_node<T>(a, b, dtype, dtype, s);
  return astype(binary_node<T>(a, b, uint8, uint8, s), bool_, s);
}

template <class T>
array fractional(const array& a, const array& b, StreamOrDevice s) {
  const Dtype dtype = at_least_float(result_type(a, b));
  return binary_node<T>(a, b, dtype, dtype, s);
}

template <class T>
array comparison(const array& a, const array& b, StreamOrDevice s) {
  return binary_node<T>(a, b, result_type(a, b), bool_, s);
}

template <class T>
array bitwise(const char* op, const array& a, const array& b, Dtype dtype, StreamOrDevice s) {
  if (is_floating(dtype)) {
    invalid(op, "types " + text(a.dtype()) + " and " + text(b.dtype()) +
                    ", expected ones that promote to an integer or bool");
  }
  return binary_node<T>(a, b, dtype, dtype, s);
}

Dtype shift_type(const array& a, const array& b) {
  const Dtype dtype = result_type(a, b);
  return dtype == bool_ ? uint8 : dtype;
}

}  // namespace

array add(const array& a, const array& b, StreamOrDevice s) { return arithmetic<Add>(a, b, s); }
array subtract(const array& a, const array& b, StreamOrDevice s) {
  return arithmetic<Subtract>(a, b, s);
}
array multiply(const array& a, const array& b, StreamOrDevice s) {
  return arithmetic<Multiply>(a, b, s);
}
array maximum(const array& a, const array& b, StreamOrDevice s) {
  return arithmetic<Maximum>(a, b, s);
}
array minimum(const array& a, const array& b, StreamOrDevice s) {
  return arithmetic<Minimum>(a, b, s);
}
array power(const array& a, const array& b, StreamOrDevice s) {
  return integer_arithmetic<Power>(a, b, s);
}
array remainder(const array& a, const array& b, StreamOrDevice s) {
  return integer_arithmetic<Remainder>(a, b, s);
}
array floor_divide(const array& a, const array& b, StreamOrDevice s) {
  if (is_floating(result_type(a, b))) return floor(divide(a, b, s), s);
  return integer_arithmetic<FloorDivide>(a, b, s);
}
std::vector<array> divmod(const array& a, const array& b, StreamOrDevice s) {
  return {floor_divide(a, b, s), remainder(a, b, s)};
}

array divide(const array& a, const array& b, StreamOrDevice s) {
  return fractional<Divide>(a, b, s);
}
array arctan2(const array& a, const array& b, StreamOrDevice s) {
  return fractional<ArcTan2>(a, b, s);
}
array logaddexp(const array& a, const array& b, StreamOrDevice s) {
  return fractional<LogAddExp>(a, b, s);
}

array clip(const array& a, const std::optional<array>& a_min, const std::optional<array>& a_max,
           StreamOrDevice s) {
  if (!a_min && !a_max) invalid("clip", "no bounds, expected one or two");
  const array raised = a_min ? maximum(a, *a_min, s) : a;
  return a_max ? minimum(raised, *a_max, s) : raised;
}

array equal(const array& a, const array& b, StreamOrDevice s) { return comparison<Equal>(a, b, s); }
array not_equal(const array& a, const array& b, StreamOrDevice s) {
  return comparison<NotEqual>(a, b, s);
}
array greater(const array& a, const array& b, StreamOrDevice s) {
  return comparison<Greater>(a, b, s);
}
array greater_equal(const array& a, const array& b, StreamOrDevice s) {
  return comparison<GreaterEqual>(a, b, s);
}
array less(const array& a, const array& b, StreamOrDevice s) { return comparison<Less>(a, b, s); }
array less_equal(const array& a, const array& b, StreamOrDevice s) {
  return comparison<LessEqual>(a, b, s);
}

array logical_and(const array& a, const array& b, StreamOrDevice s) {
  return binary_node<LogicalAnd>(a, b, bool_, bool_, s);
}
array logical_or(const array& a, const array& b, StreamOrDevice s) {
  return binary_node<LogicalOr>(a, b, bool_, bool_, s);
}
array logical_xor(const array& a, const array& b, StreamOrDevice s) {
  return binary_node<NotEqual>(a, b, bool_, bool_, s);
}

array bitwise_and(const array& a, const array& b, StreamOrDevice s) {
  return bitwise<BitwiseAnd>("bitwise_and", a, b, result_type(a, b), s);
}
array bitwise_or(const array& a, const array& b, StreamOrDevice s) {
  return bitwise<BitwiseOr>("bitwise_or", a, b, result_type(a, b), s);
}
array bitwise_xor(const array& a, const array& b, StreamOrDevice s) {
  return bitwise<BitwiseXor>("bitwise_xor", a, b, result_type(a, b), s);
}
array left_shift(const array& a, const array& b, StreamOrDevice s) {
  return bitwise<LeftShift>("left_shift", a, b, shift_type(a, b), s);
}
array right_shift(const array& a, const array& b, StreamOrDevice s) {
  return bitwise<RightShift>("right_shift", a, b, shift_type(a, b), s);
}

}  // namespace mlxa
