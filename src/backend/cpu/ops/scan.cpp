// Cumulative sums and their like. Floats accumulate in double and are rounded per element, so that
// a long cumulative sum stays as exact as its inputs.
#include <limits>

#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/lines.h"
#include "backend/cpu/ops/log_add_exp.h"

namespace mlxa::cpu {
namespace {

template <class T>
using ScanAccumulator = std::conditional_t<kIsFloat<T>, double, T>;

template <ScanKind Kind, class A>
constexpr A initial() {
  using Limits = std::numeric_limits<A>;
  constexpr A kLowest = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  constexpr A kHighest = Limits::has_infinity ? Limits::infinity() : Limits::max();
  switch (Kind) {
    case ScanKind::kSum:
      return A(0);
    case ScanKind::kProd:
      return A(1);
    case ScanKind::kMin:
      return kHighest;
    default:
      return kLowest;
  }
}

template <ScanKind Kind, class A>
A combine(A total, A value) {
  if constexpr (Kind == ScanKind::kMax) {
    return value > total || value != value ? value : total;
  } else if constexpr (Kind == ScanKind::kMin) {
    return value < total || value != value ? value : total;
  } else if constexpr (Kind == ScanKind::kLogAddExp) {
    return log_add_exp(total, value);
  } else if constexpr (std::is_floating_point_v<A>) {
    return Kind == ScanKind::kSum ? total + value : total * value;
  } else {
    const auto a = static_cast<Wrapping<A>>(total), b = static_cast<Wrapping<A>>(value);
    return static_cast<A>(Kind == ScanKind::kSum ? a + b : a * b);
  }
}

template <ScanKind Kind, class T>
void scan_line(const T* in, int64_t in_step, T* out, int64_t out_step, int64_t length,
               bool inclusive) {
  using A = ScanAccumulator<T>;
  A total = initial<Kind, A>();
  for (int64_t i = 0; i < length; i++) {
    const A before = total;
    total = combine<Kind>(total, static_cast<A>(static_cast<Wide<T>>(in[i * in_step])));
    out[i * out_step] = static_cast<T>(static_cast<Wide<T>>(inclusive ? total : before));
  }
}

template <ScanKind Kind>
void scan(const ScanParams& params, const array& in, array& out) {
  const Lines lines(in, out, params.axis);
  detail::dispatch_all(in.dtype(), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (Kind == ScanKind::kLogAddExp && !kIsFloat<T>) {
      throw_unsupported(in.dtype());
    } else {
      const T* x = in.data<T>();
      T* y = out.data<T>();
      // Reversed: from the line's end, with steps backwards.
      const int64_t sign = params.reverse ? -1 : 1;
      const int64_t start = params.reverse ? lines.length() - 1 : 0;
      lines.for_each([&](int64_t from, int64_t to) {
        scan_line<Kind>(x + from + start * lines.in_stride(), sign * lines.in_stride(),
                        y + to + start * lines.out_stride(), sign * lines.out_stride(),
                        lines.length(), params.inclusive);
      });
    }
  });
}

void eval_scan(const Primitive& primitive, std::span<const array> inputs,
               std::span<array> outputs) {
  const ScanParams& params = params_of<Scan>(primitive);
  switch (params.kind) {
    case ScanKind::kSum:
      return scan<ScanKind::kSum>(params, inputs[0], outputs[0]);
    case ScanKind::kProd:
      return scan<ScanKind::kProd>(params, inputs[0], outputs[0]);
    case ScanKind::kMax:
      return scan<ScanKind::kMax>(params, inputs[0], outputs[0]);
    case ScanKind::kMin:
      return scan<ScanKind::kMin>(params, inputs[0], outputs[0]);
    case ScanKind::kLogAddExp:
      return scan<ScanKind::kLogAddExp>(params, inputs[0], outputs[0]);
  }
}

}  // namespace

void add_scan_ops(CpuOpTable& table) { table[OpKind::kScan].eval = eval_scan; }

}  // namespace mlxa::cpu
