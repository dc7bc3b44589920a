// Divisions. On integers nothing traps: x / 0 is 0 and x mod 0 is x, as MLX has it, and the most
// negative number divided by -1 wraps to itself.
#include <cmath>

#include "backend/cpu/ops/binary.h"
#include "backend/cpu/ops/families.h"

namespace mlxa::cpu {
namespace {

template <class T>
T negated(T x) {
  return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x));
}

struct DivideOp : SameType<Domain::kAny> {
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      return x / y;
    } else {
      if (y == 0) return T{0};
      if constexpr (std::is_signed_v<T>) {
        if (y == -1) return negated(x);
      }
      return static_cast<T>(x / y);
    }
  }
};

struct FloorDivideOp : SameType<Domain::kAny> {
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      return std::floor(x / y);
    } else {
      if (y == 0) return T{0};
      if constexpr (std::is_signed_v<T>) {
        if (y == -1) return negated(x);
        const bool below = x % y != 0 && (x < 0) != (y < 0);
        return static_cast<T>(x / y - below);
      }
      return static_cast<T>(x / y);
    }
  }
};

struct RemainderOp : SameType<Domain::kAny> {  // of the divisor's sign
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      const T rest = std::fmod(x, y);
      return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
    } else {
      if (y == 0) return x;
      if constexpr (std::is_signed_v<T>) {
        if (y == -1) return T{0};
        const T rest = static_cast<T>(x % y);
        return static_cast<T>(rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest);
      }
      return static_cast<T>(x % y);
    }
  }
};

}  // namespace

void add_binary_division_ops(CpuOpTable& table) {
  table[OpKind::kDivide].eval = eval_binary<DivideOp, kElementGrain>;
  table[OpKind::kFloorDivide].eval = eval_binary<FloorDivideOp, kElementGrain>;
  table[OpKind::kRemainder].eval = eval_binary<RemainderOp, kElementGrain>;
}

}  // namespace mlxa::cpu
