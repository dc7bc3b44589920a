#include <cmath>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

array abs(const array& a, StreamOrDevice s) {
  if (a.dtype() == bool_ || issubdtype(a.dtype(), unsignedinteger)) return a;
  return unary_node<Abs>(a, a.dtype(), s);
}
array sign(const array& a, StreamOrDevice s) {
  if (a.dtype() == bool_) return a;
  return unary_node<Sign>(a, a.dtype(), s);
}
array positive(const array& a, StreamOrDevice) { return a; }
array negative(const array& a, StreamOrDevice s) {
  if (a.dtype() == bool_) invalid("negative", "type bool, expected a number type");
  return unary_node<Negative>(a, a.dtype(), s);
}

array floor(const array& a, StreamOrDevice s) {
  return is_floating(a.dtype()) ? unary_node<Floor>(a, a.dtype(), s) : a;
}
array ceil(const array& a, StreamOrDevice s) {
  return is_floating(a.dtype()) ? unary_node<Ceil>(a, a.dtype(), s) : a;
}
array trunc(const array& a, StreamOrDevice s) {
  if (!is_floating(a.dtype())) return a;
  return where(less(a, array(0, a.dtype()), s), ceil(a, s), floor(a, s), s);
}
array round(const array& a, int decimals, StreamOrDevice s) {
  if (!is_floating(a.dtype()) && decimals >= 0) return a;
  const Dtype dtype = at_least_float(a.dtype());
  if (decimals == 0) return unary_node<Round>(a, dtype, s);
  const array scale(std::pow(10.0f, static_cast<float>(std::abs(decimals))), dtype);
  if (decimals > 0) return divide(round(multiply(a, scale, s), 0, s), scale, s);
  return astype(multiply(round(divide(a, scale, s), 0, s), scale, s), a.dtype(), s);
}

array square(const array& a, StreamOrDevice s) { return unary_node<Square>(a, a.dtype(), s); }
array reciprocal(const array& a, StreamOrDevice s) {
  return divide(array(1.0f, at_least_float(a.dtype())), a, s);
}

// Functions whose result is fractional.
#define MLXA_FLOAT_FUNCTION(name, primitive)                       \
  array name(const array& a, StreamOrDevice s) {                   \
    return unary_node<primitive>(a, at_least_float(a.dtype()), s); \
  }
MLXA_FLOAT_FUNCTION(sqrt, Sqrt)
MLXA_FLOAT_FUNCTION(rsqrt, Rsqrt)
MLXA_FLOAT_FUNCTION(exp, Exp)
MLXA_FLOAT_FUNCTION(expm1, Expm1)
MLXA_FLOAT_FUNCTION(log, Log)
MLXA_FLOAT_FUNCTION(log2, Log2)
MLXA_FLOAT_FUNCTION(log10, Log10)
MLXA_FLOAT_FUNCTION(log1p, Log1p)
MLXA_FLOAT_FUNCTION(sin, Sin)
MLXA_FLOAT_FUNCTION(cos, Cos)
MLXA_FLOAT_FUNCTION(tan, Tan)
MLXA_FLOAT_FUNCTION(sinh, Sinh)
MLXA_FLOAT_FUNCTION(cosh, Cosh)
MLXA_FLOAT_FUNCTION(tanh, Tanh)
MLXA_FLOAT_FUNCTION(arcsin, ArcSin)
MLXA_FLOAT_FUNCTION(arccos, ArcCos)
MLXA_FLOAT_FUNCTION(arctan, ArcTan)
MLXA_FLOAT_FUNCTION(arcsinh, ArcSinh)
MLXA_FLOAT_FUNCTION(arccosh, ArcCosh)
MLXA_FLOAT_FUNCTION(arctanh, ArcTanh)
MLXA_FLOAT_FUNCTION(sigmoid, Sigmoid)
MLXA_FLOAT_FUNCTION(erf, Erf)
MLXA_FLOAT_FUNCTION(erfinv, ErfInv)
#undef MLXA_FLOAT_FUNCTION

array degrees(const array& a, StreamOrDevice s) {
  return multiply(a, array(180.0 / M_PI, at_least_float(a.dtype())), s);
}
array radians(const array& a, StreamOrDevice s) {
  return multiply(a, array(M_PI / 180.0, at_least_float(a.dtype())), s);
}

array logical_not(const array& a, StreamOrDevice s) { return unary_node<LogicalNot>(a, bool_, s); }
array bitwise_invert(const array& a, StreamOrDevice s) {
  if (a.dtype() == bool_) return logical_not(a, s);
  if (!is_integer(a.dtype())) {
    invalid("bitwise_invert", "type " + text(a.dtype()) + ", expected integers or bool");
  }
  return unary_node<BitwiseInvert>(a, a.dtype(), s);
}

}  // namespace mlxa
