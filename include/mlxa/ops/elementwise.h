// Element-wise operations. Two operands broadcast against each other and promote to one type.
// Functions with fractional results give float32 for integers and bool.
#pragma once

#include <optional>
#include <vector>

#include "mlxa/array.h"

namespace mlxa {

/// Absolute value; -1, 0 or 1 by sign; the value itself. negative throws std::invalid_argument for
/// bool.
array abs(const array& a, StreamOrDevice s = {});
array sign(const array& a, StreamOrDevice s = {});
array positive(const array& a, StreamOrDevice s = {});
array negative(const array& a, StreamOrDevice s = {});
inline array operator-(const array& a) { return negative(a); }

/// To the integer below, above, towards zero; integers stay as they are.
array floor(const array& a, StreamOrDevice s = {});
array ceil(const array& a, StreamOrDevice s = {});
array trunc(const array& a, StreamOrDevice s = {});
/// To `decimals` digits after the point (before it if negative), halves to even.
array round(const array& a, int decimals, StreamOrDevice s = {});
inline array round(const array& a, StreamOrDevice s = {}) { return round(a, 0, s); }

/// a * a, its root, 1 / root, 1 / a. square keeps integers.
array square(const array& a, StreamOrDevice s = {});
array sqrt(const array& a, StreamOrDevice s = {});
array rsqrt(const array& a, StreamOrDevice s = {});
array reciprocal(const array& a, StreamOrDevice s = {});
/// e^a; e^a - 1 without loss near 0.
array exp(const array& a, StreamOrDevice s = {});
array expm1(const array& a, StreamOrDevice s = {});
/// Natural, binary and decimal logarithm; log(1 + a) without loss near 0.
array log(const array& a, StreamOrDevice s = {});
array log2(const array& a, StreamOrDevice s = {});
array log10(const array& a, StreamOrDevice s = {});
array log1p(const array& a, StreamOrDevice s = {});

/// Angles in radians.
array sin(const array& a, StreamOrDevice s = {});
array cos(const array& a, StreamOrDevice s = {});
array tan(const array& a, StreamOrDevice s = {});
array arcsin(const array& a, StreamOrDevice s = {});
array arccos(const array& a, StreamOrDevice s = {});
array arctan(const array& a, StreamOrDevice s = {});
array sinh(const array& a, StreamOrDevice s = {});
array cosh(const array& a, StreamOrDevice s = {});
array tanh(const array& a, StreamOrDevice s = {});
array arcsinh(const array& a, StreamOrDevice s = {});
array arccosh(const array& a, StreamOrDevice s = {});
array arctanh(const array& a, StreamOrDevice s = {});
/// Radians to degrees and back.
array degrees(const array& a, StreamOrDevice s = {});
array radians(const array& a, StreamOrDevice s = {});

/// 1 / (1 + exp(-a)); the error function and its inverse.
array sigmoid(const array& a, StreamOrDevice s = {});
array erf(const array& a, StreamOrDevice s = {});
array erfinv(const array& a, StreamOrDevice s = {});

/// Sum, difference, product; integers wrap.
array add(const array& a, const array& b, StreamOrDevice s = {});
array subtract(const array& a, const array& b, StreamOrDevice s = {});
array multiply(const array& a, const array& b, StreamOrDevice s = {});
/// The true quotient.
array divide(const array& a, const array& b, StreamOrDevice s = {});
/// The quotient rounded down, and what is left, which has the sign of `b`.
array floor_divide(const array& a, const array& b, StreamOrDevice s = {});
array remainder(const array& a, const array& b, StreamOrDevice s = {});
std::vector<array> divmod(const array& a, const array& b, StreamOrDevice s = {});
/// a^b; of integers a product of `b` factors.
array power(const array& a, const array& b, StreamOrDevice s = {});
/// NaN wins over numbers.
array maximum(const array& a, const array& b, StreamOrDevice s = {});
array minimum(const array& a, const array& b, StreamOrDevice s = {});
/// The angle of the point (b, a), in radians.
array arctan2(const array& a, const array& b, StreamOrDevice s = {});
/// log(exp(a) + exp(b)) without overflow.
array logaddexp(const array& a, const array& b, StreamOrDevice s = {});
/// At least a_min, then at most a_max. Throws std::invalid_argument if both are missing.
array clip(const array& a, const std::optional<array>& a_min = std::nullopt,
           const std::optional<array>& a_max = std::nullopt, StreamOrDevice s = {});

/// Comparisons: bool.
array equal(const array& a, const array& b, StreamOrDevice s = {});
array not_equal(const array& a, const array& b, StreamOrDevice s = {});
array greater(const array& a, const array& b, StreamOrDevice s = {});
array greater_equal(const array& a, const array& b, StreamOrDevice s = {});
array less(const array& a, const array& b, StreamOrDevice s = {});
array less_equal(const array& a, const array& b, StreamOrDevice s = {});

/// Whether shapes and values are equal; with equal_nan NaN equals NaN. A scalar.
array array_equal(const array& a, const array& b, bool equal_nan, StreamOrDevice s = {});
inline array array_equal(const array& a, const array& b, StreamOrDevice s = {}) {
  return array_equal(a, b, false, s);
}
/// |a - b| <= atol + rtol |b|, infinities only if equal; allclose: for all elements.
array isclose(const array& a, const array& b, double rtol = 1e-5, double atol = 1e-8,
              bool equal_nan = false, StreamOrDevice s = {});
array allclose(const array& a, const array& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false, StreamOrDevice s = {});
array isnan(const array& a, StreamOrDevice s = {});
array isinf(const array& a, StreamOrDevice s = {});
array isfinite(const array& a, StreamOrDevice s = {});
array isposinf(const array& a, StreamOrDevice s = {});
array isneginf(const array& a, StreamOrDevice s = {});
/// NaN and infinities replaced; unless given, infinities by the type's finite extremes.
array nan_to_num(const array& a, float nan = 0.0f, std::optional<float> posinf = std::nullopt,
                 std::optional<float> neginf = std::nullopt, StreamOrDevice s = {});

/// Of truth values: anything but zero is true.
array logical_not(const array& a, StreamOrDevice s = {});
array logical_and(const array& a, const array& b, StreamOrDevice s = {});
array logical_or(const array& a, const array& b, StreamOrDevice s = {});
array logical_xor(const array& a, const array& b, StreamOrDevice s = {});

/// Bits of integers or bool. Throw std::invalid_argument for floats; shifts of bool give uint8.
array bitwise_invert(const array& a, StreamOrDevice s = {});
array bitwise_and(const array& a, const array& b, StreamOrDevice s = {});
array bitwise_or(const array& a, const array& b, StreamOrDevice s = {});
array bitwise_xor(const array& a, const array& b, StreamOrDevice s = {});
array left_shift(const array& a, const array& b, StreamOrDevice s = {});
array right_shift(const array& a, const array& b, StreamOrDevice s = {});

/// The functions of the same meaning; a number becomes an array of one element.
inline array operator+(const array& a, const array& b) { return add(a, b); }
template <Scalar T>
array operator+(T a, const array& b) {
  return add(array(a), b);
}
template <Scalar T>
array operator+(const array& a, T b) {
  return add(a, array(b));
}
inline array operator-(const array& a, const array& b) { return subtract(a, b); }
template <Scalar T>
array operator-(T a, const array& b) {
  return subtract(array(a), b);
}
template <Scalar T>
array operator-(const array& a, T b) {
  return subtract(a, array(b));
}
inline array operator*(const array& a, const array& b) { return multiply(a, b); }
template <Scalar T>
array operator*(T a, const array& b) {
  return multiply(array(a), b);
}
template <Scalar T>
array operator*(const array& a, T b) {
  return multiply(a, array(b));
}
inline array operator/(const array& a, const array& b) { return divide(a, b); }
template <Scalar T>
array operator/(T a, const array& b) {
  return divide(array(a), b);
}
template <Scalar T>
array operator/(const array& a, T b) {
  return divide(a, array(b));
}
inline array operator%(const array& a, const array& b) { return remainder(a, b); }
template <Scalar T>
array operator%(T a, const array& b) {
  return remainder(array(a), b);
}
template <Scalar T>
array operator%(const array& a, T b) {
  return remainder(a, array(b));
}
inline array operator==(const array& a, const array& b) { return equal(a, b); }
template <Scalar T>
array operator==(T a, const array& b) {
  return equal(array(a), b);
}
template <Scalar T>
array operator==(const array& a, T b) {
  return equal(a, array(b));
}
inline array operator!=(const array& a, const array& b) { return not_equal(a, b); }
template <Scalar T>
array operator!=(T a, const array& b) {
  return not_equal(array(a), b);
}
template <Scalar T>
array operator!=(const array& a, T b) {
  return not_equal(a, array(b));
}
inline array operator<(const array& a, const array& b) { return less(a, b); }
template <Scalar T>
array operator<(T a, const array& b) {
  return less(array(a), b);
}
template <Scalar T>
array operator<(const array& a, T b) {
  return less(a, array(b));
}
inline array operator<=(const array& a, const array& b) { return less_equal(a, b); }
template <Scalar T>
array operator<=(T a, const array& b) {
  return less_equal(array(a), b);
}
template <Scalar T>
array operator<=(const array& a, T b) {
  return less_equal(a, array(b));
}
inline array operator>(const array& a, const array& b) { return greater(a, b); }
template <Scalar T>
array operator>(T a, const array& b) {
  return greater(array(a), b);
}
template <Scalar T>
array operator>(const array& a, T b) {
  return greater(a, array(b));
}
inline array operator>=(const array& a, const array& b) { return greater_equal(a, b); }
template <Scalar T>
array operator>=(T a, const array& b) {
  return greater_equal(array(a), b);
}
template <Scalar T>
array operator>=(const array& a, T b) {
  return greater_equal(a, array(b));
}
inline array operator!(const array& a) { return logical_not(a); }
inline array operator&&(const array& a, const array& b) { return logical_and(a, b); }
inline array operator||(const array& a, const array& b) { return logical_or(a, b); }
inline array operator~(const array& a) { return bitwise_invert(a); }
inline array operator&(const array& a, const array& b) { return bitwise_and(a, b); }
inline array operator|(const array& a, const array& b) { return bitwise_or(a, b); }
inline array operator^(const array& a, const array& b) { return bitwise_xor(a, b); }
inline array operator<<(const array& a, const array& b) { return left_shift(a, b); }
inline array operator>>(const array& a, const array& b) { return right_shift(a, b); }

}  // namespace mlxa
