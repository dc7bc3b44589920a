#include "backend/cpu/ops/reduce_kernels.h"

#include <limits>

#include "backend/cpu/ops/element.h"

namespace mlxa::cpu {
namespace {

template <class T>
using SumAccumulator = std::conditional_t<kIsFloat<T>, double, Wrapping<T>>;

struct Sum {
  template <class T>
  using Accumulator = SumAccumulator<T>;
  template <class T>
  using Output = T;
  template <class T>
  static constexpr Accumulator<T> initial() {
    return 0;
  }
  template <class A>
  static A combine(A a, A b) {
    return a + b;
  }
};

struct Prod {
  template <class T>
  using Accumulator = SumAccumulator<T>;
  template <class T>
  using Output = T;
  template <class T>
  static constexpr Accumulator<T> initial() {
    return 1;
  }
  template <class A>
  static A combine(A a, A b) {
    return a * b;
  }
};

// A NaN among the elements is the result: once in `a`, nothing is greater or less.
struct Max {
  template <class T>
  using Accumulator = Wide<T>;
  template <class T>
  using Output = T;
  template <class T>
  static constexpr Accumulator<T> initial() {
    if constexpr (kIsFloat<T>) return -std::numeric_limits<float>::infinity();
    return std::numeric_limits<Wide<T>>::lowest();
  }
  template <class A>
  static A combine(A a, A b) {
    return b > a || b != b ? b : a;
  }
};

struct Min {
  template <class T>
  using Accumulator = Wide<T>;
  template <class T>
  using Output = T;
  template <class T>
  static constexpr Accumulator<T> initial() {
    if constexpr (kIsFloat<T>) return std::numeric_limits<float>::infinity();
    return std::numeric_limits<Wide<T>>::max();
  }
  template <class A>
  static A combine(A a, A b) {
    return b < a || b != b ? b : a;
  }
};

struct All {
  template <class T>
  using Accumulator = bool;
  template <class T>
  using Output = bool;
  template <class T>
  static constexpr bool initial() {
    return true;
  }
  static bool combine(bool a, bool b) { return a & b; }
};

struct Any {
  template <class T>
  using Accumulator = bool;
  template <class T>
  using Output = bool;
  template <class T>
  static constexpr bool initial() {
    return false;
  }
  static bool combine(bool a, bool b) { return a | b; }
};

template <class K, class T>
struct Loops {
  using A = typename K::template Accumulator<T>;

  static A load(T x) {
    if constexpr (std::is_same_v<A, bool>) {
      return static_cast<Wide<T>>(x) != Wide<T>{};
    } else {
      return static_cast<A>(static_cast<Wide<T>>(x));
    }
  }

  static void clear(void* accumulators, int64_t count) {
    A* a = static_cast<A*>(accumulators);
    for (int64_t i = 0; i < count; i++) a[i] = K::template initial<T>();
  }

  static void take_row(void* accumulator, const void* in, int64_t stride, int64_t count) {
    constexpr int64_t kLanes = 8;  // independent chains, so that latency does not set the pace
    const T* x = static_cast<const T*>(in);
    A total = *static_cast<A*>(accumulator);
    int64_t i = 0;
    if (stride == 1 && count >= 2 * kLanes) {
      A lanes[kLanes];
      for (A& lane : lanes) lane = K::template initial<T>();
      for (; i + kLanes <= count; i += kLanes) {
        for (int64_t j = 0; j < kLanes; j++) lanes[j] = K::combine(lanes[j], load(x[i + j]));
      }
      for (int64_t step = kLanes / 2; step > 0; step /= 2) {
        for (int64_t j = 0; j < step; j++) lanes[j] = K::combine(lanes[j], lanes[j + step]);
      }
      total = K::combine(total, lanes[0]);
    }
    for (; i < count; i++) total = K::combine(total, load(x[i * stride]));
    *static_cast<A*>(accumulator) = total;
  }

  static void take_columns(void* accumulators, const void* in, int64_t stride, int64_t count) {
    A* a = static_cast<A*>(accumulators);
    const T* x = static_cast<const T*>(in);
    if (stride == 1) {
      MLXA_INDEPENDENT_LOOP
      for (int64_t i = 0; i < count; i++) a[i] = K::combine(a[i], load(x[i]));
      return;
    }
    for (int64_t i = 0; i < count; i++) a[i] = K::combine(a[i], load(x[i * stride]));
  }

  static void merge(void* accumulators, const void* others, int64_t count) {
    A* a = static_cast<A*>(accumulators);
    const A* b = static_cast<const A*>(others);
    for (int64_t i = 0; i < count; i++) a[i] = K::combine(a[i], b[i]);
  }

  static void store(const void* accumulators, void* out, int64_t count) {
    using R = typename K::template Output<T>;
    const A* a = static_cast<const A*>(accumulators);
    R* to = static_cast<R*>(out);
    for (int64_t i = 0; i < count; i++) {
      if constexpr (kIsHalf<R>) {
        to[i] = R(static_cast<float>(a[i]));
      } else {
        to[i] = static_cast<R>(a[i]);
      }
    }
  }
};

template <class K>
ReduceKernel kernel_of(const Dtype& dtype) {
  return detail::dispatch_all(dtype, [](auto tag) {
    using L = Loops<K, decltype(tag)>;
    return ReduceKernel{sizeof(typename L::A), L::clear, L::take_row,
                        L::take_columns,       L::merge, L::store};
  });
}

}  // namespace

ReduceKernel reduce_kernel(ReduceKind kind, const Dtype& dtype) {
  switch (kind) {
    case ReduceKind::kSum:
      return kernel_of<Sum>(dtype);
    case ReduceKind::kProd:
      return kernel_of<Prod>(dtype);
    case ReduceKind::kMax:
      return kernel_of<Max>(dtype);
    case ReduceKind::kMin:
      return kernel_of<Min>(dtype);
    case ReduceKind::kAll:
      return kernel_of<All>(dtype);
    case ReduceKind::kAny:
      break;
  }
  return kernel_of<Any>(dtype);
}

}  // namespace mlxa::cpu
