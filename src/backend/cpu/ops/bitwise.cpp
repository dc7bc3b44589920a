// Bitwise ops and shifts of integers and booleans.
#include "backend/cpu/ops/binary.h"
#include "backend/cpu/ops/families.h"

namespace mlxa::cpu {
namespace {

using IntegerType = SameType<Domain::kInteger>;

struct BitwiseAndOp : IntegerType {
  template <class T>
  T operator()(T x, T y) const {
    return static_cast<T>(x & y);
  }
};

struct BitwiseOrOp : IntegerType {
  template <class T>
  T operator()(T x, T y) const {
    return static_cast<T>(x | y);
  }
};

struct BitwiseXorOp : IntegerType {
  template <class T>
  T operator()(T x, T y) const {
    return static_cast<T>(x ^ y);
  }
};

// Whether a shift leaves bits: by less than the width, and not by a negative count.
template <class T>
bool shifts_within(T count) {
  return static_cast<Wrapping<T>>(count) < sizeof(T) * 8;
}

struct LeftShiftOp : IntegerType {
  template <class T>
  T operator()(T x, T y) const {
    return shifts_within(y) ? static_cast<T>(static_cast<Wrapping<T>>(x) << y) : T{};
  }
};

struct RightShiftOp : IntegerType {  // keeps the sign
  template <class T>
  T operator()(T x, T y) const {
    return shifts_within(y) ? static_cast<T>(x >> y) : T{};
  }
};

}  // namespace

void add_bitwise_ops(CpuOpTable& table) {
  table[OpKind::kBitwiseAnd].eval = eval_binary<BitwiseAndOp, kElementGrain>;
  table[OpKind::kBitwiseOr].eval = eval_binary<BitwiseOrOp, kElementGrain>;
  table[OpKind::kBitwiseXor].eval = eval_binary<BitwiseXorOp, kElementGrain>;
  table[OpKind::kLeftShift].eval = eval_binary<LeftShiftOp, kElementGrain>;
  table[OpKind::kRightShift].eval = eval_binary<RightShiftOp, kElementGrain>;
}

}  // namespace mlxa::cpu
