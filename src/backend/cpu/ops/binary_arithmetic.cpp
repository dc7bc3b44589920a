// Addition, subtraction, multiplication, maximum, minimum.
#include "backend/cpu/ops/binary.h"
#include "backend/cpu/ops/families.h"

namespace mlxa::cpu {
namespace {

using AnyType = SameType<Domain::kAny>;

// Booleans count as 0 and 1, and any other result than 0 is true: + is or, * is and, - is unequal.
struct AddOp : AnyType {
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      return x + y;
    } else {
      return static_cast<T>(static_cast<Wrapping<T>>(x) + static_cast<Wrapping<T>>(y));
    }
  }
};

struct SubtractOp : AnyType {
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      return x - y;
    } else {
      return static_cast<T>(static_cast<Wrapping<T>>(x) - static_cast<Wrapping<T>>(y));
    }
  }
};

struct MultiplyOp : AnyType {
  template <class T>
  T operator()(T x, T y) const {
    if constexpr (kIsFloat<T>) {
      return x * y;
    } else {
      return static_cast<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(y));
    }
  }
};

// A NaN on either side is the result.
struct MaximumOp : AnyType {
  template <class T>
  T operator()(T x, T y) const {
    return x > y || x != x ? x : y;
  }
};

struct MinimumOp : AnyType {
  template <class T>
  T operator()(T x, T y) const {
    return x < y || x != x ? x : y;
  }
};

}  // namespace

void add_binary_arithmetic_ops(CpuOpTable& table) {
  table[OpKind::kAdd].eval = eval_binary<AddOp, kElementGrain>;
  table[OpKind::kSubtract].eval = eval_binary<SubtractOp, kElementGrain>;
  table[OpKind::kMultiply].eval = eval_binary<MultiplyOp, kElementGrain>;
  table[OpKind::kMaximum].eval = eval_binary<MaximumOp, kElementGrain>;
  table[OpKind::kMinimum].eval = eval_binary<MinimumOp, kElementGrain>;
}

}  // namespace mlxa::cpu
