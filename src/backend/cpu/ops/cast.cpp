// AsType: every dtype to every other.
#include "backend/cpu/ops/cast.h"

#include <cstdint>
#include <limits>

#include "backend/cpu/ops/families.h"

namespace mlxa::cpu {
namespace {

// Truncates towards zero. What an integer cannot hold, C++ leaves undefined; here, as x86 and MLX
// on it have it: out of the range of int32 (for types up to 32 bits) or int64, and NaN, give that
// type's smallest number, of which narrower types keep the low bits; unsigned types wrap.
template <class I>
I truncated(float x) {
  const bool in_range = x >= static_cast<float>(std::numeric_limits<I>::min()) &&
                        x < -static_cast<float>(std::numeric_limits<I>::min());
  return static_cast<I>(in_range ? x : static_cast<float>(std::numeric_limits<I>::min()));
}

template <class To>
To float_to_integer(float x) {
  if constexpr (std::is_same_v<To, uint64_t>) {
    constexpr float k2To63 = 0x1p63f, k2To64 = 0x1p64f;
    if (x >= k2To63) return x < k2To64 ? static_cast<uint64_t>(x) : 0;
    return static_cast<uint64_t>(truncated<int64_t>(x));
  } else if constexpr (std::is_same_v<To, int64_t> || std::is_same_v<To, uint32_t>) {
    return static_cast<To>(truncated<int64_t>(x));
  } else {
    return static_cast<To>(truncated<int32_t>(x));
  }
}

template <class To>
struct Cast {
  template <class T>
  using Result = To;
  template <class W>
  To operator()(W x) const {
    if constexpr (std::is_same_v<To, bool>) {
      return x != W{};
    } else if constexpr (std::is_same_v<W, float> && !kIsFloat<To>) {
      return float_to_integer<To>(x);
    } else if constexpr (kIsHalf<To>) {
      return To(static_cast<float>(x));
    } else {
      return static_cast<To>(x);
    }
  }
};

void eval_as_type(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  cast_elements(inputs[0], outputs[0]);
}

}  // namespace

UnaryRun cast_run(const Dtype& from, const Dtype& to) {
  return detail::dispatch_all(from, [&](auto source) {
    return detail::dispatch_all(to, [&](auto target) -> UnaryRun {
      return &unary_run<Cast<decltype(target)>, decltype(source)>;
    });
  });
}

void cast_elements(const array& in, array& out) {
  apply_unary(cast_run(in.dtype(), out.dtype()), kElementGrain, in, out);
}

void add_cast_ops(CpuOpTable& table) { table[OpKind::kAsType].eval = eval_as_type; }

}  // namespace mlxa::cpu
