// What the element-wise templates know about element types.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "mlxa/array.h"

// A loop whose iterations touch element i alone: its output may be one of its inputs.
#if defined(__clang__)
#define MLXA_INDEPENDENT_LOOP _Pragma("clang loop vectorize(assume_safety)")
#else
#define MLXA_INDEPENDENT_LOOP _Pragma("GCC ivdep")
#endif

namespace mlxa::cpu {

template <class T>
inline constexpr bool kIsHalf = std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;
template <class T>
inline constexpr bool kIsFloat = kIsHalf<T> || std::is_same_v<T, float>;

/// The type in which an element is computed: 16-bit floats as float32, rounded once per op.
template <class T>
using Wide = std::conditional_t<kIsHalf<T>, float, T>;

/// An unsigned type in which integer arithmetic wraps as the element type does.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

/// The dtypes that an op is defined for.
enum class Domain : uint8_t { kAny, kFloat, kInteger };

template <class T>
constexpr bool in_domain(Domain domain) {
  if (domain == Domain::kFloat) return kIsFloat<T>;
  if (domain == Domain::kInteger) return !kIsFloat<T>;
  return true;
}

/// The front end converts what an op is not defined for; a graph made without it ends here.
[[noreturn]] inline void throw_unsupported(const Dtype& dtype) {
  throw std::invalid_argument("[eval] the op is not defined for " + std::string(dtype_name(dtype)));
}

/// Ops derive from one of these: their domain, and the type of their result for elements T.
template <Domain D>
struct SameType {
  static constexpr Domain kDomain = D;
  template <class T>
  using Result = T;
};
struct ToBool {
  static constexpr Domain kDomain = Domain::kAny;
  template <class T>
  using Result = bool;
};

}  // namespace mlxa::cpu
