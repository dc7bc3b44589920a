// Unary ops of floats.
#include <cmath>
#include <limits>
#include <numbers>

#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/float_math.h"
#include "backend/cpu/ops/unary.h"

namespace mlxa::cpu {
namespace {

// The inverse of erf: Winitzki's closed form (2e-3 off at worst), then two Halley steps, each of
// which cubes the error. In double and through erfc, so that arguments next to 1 keep their digits.
float erf_inverse(float value) {
  const double magnitude = std::fabs(static_cast<double>(value));
  if (!(magnitude < 1.0)) {
    const float edge = magnitude == 1.0 ? std::numeric_limits<float>::infinity()
                                        : std::numeric_limits<float>::quiet_NaN();
    return std::copysign(edge, value);
  }
  constexpr double kA = 0.147;
  const double tail = 1.0 - magnitude;
  const double log_term = std::log(tail * (1.0 + magnitude));
  const double b = 2.0 / (std::numbers::pi * kA) + 0.5 * log_term;
  double y = std::sqrt(std::fmax(0.0, std::sqrt(b * b - log_term / kA) - b));
  for (int step = 0; step < 2; step++) {
    const double error = magnitude < 0.5 ? std::erf(y) - magnitude : tail - std::erfc(y);
    const double slope = 2.0 * std::numbers::inv_sqrtpi * std::exp(-y * y);
    const double newton = error / slope;
    y -= newton / (1.0 + y * newton);
  }
  return static_cast<float>(std::copysign(y, static_cast<double>(value)));
}

#define MLXA_FLOAT_OP(name, expression)                    \
  struct name : SameType<Domain::kFloat> {                 \
    float operator()(float x) const { return expression; } \
  };
MLXA_FLOAT_OP(SqrtOp, std::sqrt(x))
MLXA_FLOAT_OP(RsqrtOp, 1.0f / std::sqrt(x))
MLXA_FLOAT_OP(ExpOp, exp_float(x))
MLXA_FLOAT_OP(Expm1Op, std::expm1(x))
MLXA_FLOAT_OP(LogOp, std::log(x))
MLXA_FLOAT_OP(Log2Op, std::log2(x))
MLXA_FLOAT_OP(Log10Op, std::log10(x))
MLXA_FLOAT_OP(Log1pOp, std::log1p(x))
MLXA_FLOAT_OP(SinOp, std::sin(x))
MLXA_FLOAT_OP(CosOp, std::cos(x))
MLXA_FLOAT_OP(TanOp, std::tan(x))
MLXA_FLOAT_OP(SinhOp, std::sinh(x))
MLXA_FLOAT_OP(CoshOp, std::cosh(x))
MLXA_FLOAT_OP(TanhOp, std::tanh(x))
MLXA_FLOAT_OP(ArcSinOp, std::asin(x))
MLXA_FLOAT_OP(ArcCosOp, std::acos(x))
MLXA_FLOAT_OP(ArcTanOp, std::atan(x))
MLXA_FLOAT_OP(ArcSinhOp, std::asinh(x))
MLXA_FLOAT_OP(ArcCoshOp, std::acosh(x))
MLXA_FLOAT_OP(ArcTanhOp, std::atanh(x))
MLXA_FLOAT_OP(SigmoidOp, sigmoid_float(x))
MLXA_FLOAT_OP(ErfOp, std::erf(x))
MLXA_FLOAT_OP(ErfInvOp, erf_inverse(x))
#undef MLXA_FLOAT_OP

template <class Op>
void add(CpuOpTable& table, OpKind kind) {
  table[kind].eval = eval_unary<Op, kMathGrain>;
}

}  // namespace

void add_unary_math_ops(CpuOpTable& table) {
  add<SqrtOp>(table, OpKind::kSqrt);
  add<RsqrtOp>(table, OpKind::kRsqrt);
  add<ExpOp>(table, OpKind::kExp);
  add<Expm1Op>(table, OpKind::kExpm1);
  add<LogOp>(table, OpKind::kLog);
  add<Log2Op>(table, OpKind::kLog2);
  add<Log10Op>(table, OpKind::kLog10);
  add<Log1pOp>(table, OpKind::kLog1p);
  add<SinOp>(table, OpKind::kSin);
  add<CosOp>(table, OpKind::kCos);
  add<TanOp>(table, OpKind::kTan);
  add<SinhOp>(table, OpKind::kSinh);
  add<CoshOp>(table, OpKind::kCosh);
  add<TanhOp>(table, OpKind::kTanh);
  add<ArcSinOp>(table, OpKind::kArcSin);
  add<ArcCosOp>(table, OpKind::kArcCos);
  add<ArcTanOp>(table, OpKind::kArcTan);
  add<ArcSinhOp>(table, OpKind::kArcSinh);
  add<ArcCoshOp>(table, OpKind::kArcCosh);
  add<ArcTanhOp>(table, OpKind::kArcTanh);
  add<SigmoidOp>(table, OpKind::kSigmoid);
  add<ErfOp>(table, OpKind::kErf);
  add<ErfInvOp>(table, OpKind::kErfInv);
}

}  // namespace mlxa::cpu
