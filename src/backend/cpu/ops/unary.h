// Element-wise ops of one input: the inner loop as a template over op and dtype, the walk as one
// function.
#pragma once

#include <span>

#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa {
class Primitive;
}

namespace mlxa::cpu {

/// Computes `count` elements; `stride` is the input's, in elements; the output is contiguous.
using UnaryRun = void (*)(const void* in, int64_t stride, void* out, int64_t count);

/// Applies `run` to all of `in`, into row-contiguous `out`.
void apply_unary(UnaryRun run, int64_t grain, const array& in, array& out);

template <class Op, class T>
void unary_run(const void* in, int64_t stride, void* out, int64_t count) {
  using R = typename Op::template Result<T>;
  const T* x = static_cast<const T*>(in);
  R* y = static_cast<R*>(out);
  if (stride == 1) {
    MLXA_INDEPENDENT_LOOP
    for (int64_t i = 0; i < count; i++) y[i] = static_cast<R>(Op()(static_cast<Wide<T>>(x[i])));
    return;
  }
  for (int64_t i = 0; i < count; i++) {
    y[i] = static_cast<R>(Op()(static_cast<Wide<T>>(x[i * stride])));
  }
}

template <class Op, int64_t Grain>
void eval_unary(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  const Dtype dtype = inputs[0].dtype();
  const UnaryRun run = detail::dispatch_all(dtype, [&](auto tag) -> UnaryRun {
    using T = decltype(tag);
    if constexpr (in_domain<T>(Op::kDomain)) {
      return &unary_run<Op, T>;
    } else {
      throw_unsupported(dtype);
    }
  });
  apply_unary(run, Grain, inputs[0], outputs[0]);
}

}  // namespace mlxa::cpu
