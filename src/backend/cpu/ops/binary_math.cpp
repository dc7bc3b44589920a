// Power, arctan2, logaddexp.
#include <cmath>

#include "backend/cpu/ops/binary.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/log_add_exp.h"

namespace mlxa::cpu {
namespace {

struct PowerOp : SameType<Domain::kAny> {
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      return std::pow(x, y);
    } else {
      if constexpr (std::is_signed_v<T>) {
        if (y < 0) return T{0};  // MLX's answer for every base
      }
      Wrapping<T> result = 1, base = static_cast<Wrapping<T>>(x);
      for (Wrapping<T> exponent = static_cast<Wrapping<T>>(y); exponent != 0; exponent >>= 1) {
        if (exponent & 1) result *= base;
        base *= base;
      }
      return static_cast<T>(result);
    }
  }
};

struct ArcTan2Op : SameType<Domain::kFloat> {
  float operator()(float y, float x) const { return std::atan2(y, x); }
};

struct LogAddExpOp : SameType<Domain::kFloat> {
  float operator()(float x, float y) const { return log_add_exp(x, y); }
};

}  // namespace

void add_binary_math_ops(CpuOpTable& table) {
  table[OpKind::kPower].eval = eval_binary<PowerOp, kMathGrain>;
  table[OpKind::kArcTan2].eval = eval_binary<ArcTan2Op, kMathGrain>;
  table[OpKind::kLogAddExp].eval = eval_binary<LogAddExpOp, kMathGrain>;
}

}  // namespace mlxa::cpu
