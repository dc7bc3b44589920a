// Unary ops that exist for every dtype.
#include <cmath>

#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/unary.h"

namespace mlxa::cpu {
namespace {

using AnyType = SameType<Domain::kAny>;

struct AbsOp : AnyType {
  template <class T>
  T operator()(T x) const {
    if constexpr (kIsFloat<T>) {
      return std::fabs(x);
    } else if constexpr (std::is_signed_v<T>) {
      return static_cast<T>(x < 0 ? Wrapping<T>{0} - static_cast<Wrapping<T>>(x) : x);
    } else {
      return x;
    }
  }
};

struct NegativeOp : AnyType {
  template <class T>
  T operator()(T x) const {
    if constexpr (kIsFloat<T>) {
      return -x;
    } else {
      return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x));
    }
  }
};

struct SignOp : AnyType {
  template <class T>
  T operator()(T x) const {
    return static_cast<T>((x > T{}) - (x < T{}));  // 0 for NaN, as MLX has it
  }
};

struct FloorOp : AnyType {
  template <class T>
  T operator()(T x) const {
    if constexpr (kIsFloat<T>) return std::floor(x);
    return x;
  }
};

struct CeilOp : AnyType {
  template <class T>
  T operator()(T x) const {
    if constexpr (kIsFloat<T>) return std::ceil(x);
    return x;
  }
};

struct RoundOp : AnyType {  // ties to even: the rounding mode that programs run in
  template <class T>
  T operator()(T x) const {
    if constexpr (kIsFloat<T>) return std::nearbyint(x);
    return x;
  }
};

struct SquareOp : AnyType {
  template <class T>
  T operator()(T x) const {
    if constexpr (kIsFloat<T>) {
      return x * x;
    } else {
      return static_cast<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(x));
    }
  }
};

struct LogicalNotOp : ToBool {
  template <class T>
  bool operator()(T x) const {
    return x == T{};
  }
};

struct BitwiseInvertOp : SameType<Domain::kInteger> {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_same_v<T, bool>) {
      return !x;
    } else {
      return static_cast<T>(~x);
    }
  }
};

}  // namespace

void add_unary_arithmetic_ops(CpuOpTable& table) {
  table[OpKind::kAbs].eval = eval_unary<AbsOp, kElementGrain>;
  table[OpKind::kNegative].eval = eval_unary<NegativeOp, kElementGrain>;
  table[OpKind::kSign].eval = eval_unary<SignOp, kElementGrain>;
  table[OpKind::kFloor].eval = eval_unary<FloorOp, kElementGrain>;
  table[OpKind::kCeil].eval = eval_unary<CeilOp, kElementGrain>;
  table[OpKind::kRound].eval = eval_unary<RoundOp, kElementGrain>;
  table[OpKind::kSquare].eval = eval_unary<SquareOp, kElementGrain>;
  table[OpKind::kLogicalNot].eval = eval_unary<LogicalNotOp, kElementGrain>;
  table[OpKind::kBitwiseInvert].eval = eval_unary<BitwiseInvertOp, kElementGrain>;
}

}  // namespace mlxa::cpu
