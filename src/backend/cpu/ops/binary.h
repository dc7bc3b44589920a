// Element-wise ops of two inputs: the inner loop as a template over op and dtype, the walk as one
// function.
#pragma once

#include <span>

#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa {
class Primitive;
}

namespace mlxa::cpu {

/// Computes `count` elements; strides are the inputs', in elements; the output is contiguous.
using BinaryRun = void (*)(const void* a, int64_t stride_a, const void* b, int64_t stride_b,
                           void* out, int64_t count);

/// Applies `run` to all of the inputs, into row-contiguous `out`.
void apply_binary(BinaryRun run, int64_t grain, std::span<const array> inputs, array& out);

template <class Op, class T>
void binary_run(const void* a, int64_t stride_a, const void* b, int64_t stride_b, void* out,
                int64_t count) {
  using R = typename Op::template Result<T>;
  using W = Wide<T>;
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
  R* z = static_cast<R*>(out);
  if (stride_a == 1 && stride_b == 1) {
    MLXA_INDEPENDENT_LOOP
    for (int64_t i = 0; i < count; i++) {
      z[i] = static_cast<R>(Op()(static_cast<W>(x[i]), static_cast<W>(y[i])));
    }
  } else if (stride_a == 1 && stride_b == 0) {
    const W right = static_cast<W>(y[0]);
    MLXA_INDEPENDENT_LOOP
    for (int64_t i = 0; i < count; i++) z[i] = static_cast<R>(Op()(static_cast<W>(x[i]), right));
  } else if (stride_a == 0 && stride_b == 1) {
    const W left = static_cast<W>(x[0]);
    MLXA_INDEPENDENT_LOOP
    for (int64_t i = 0; i < count; i++) z[i] = static_cast<R>(Op()(left, static_cast<W>(y[i])));
  } else {
    for (int64_t i = 0; i < count; i++) {
      z[i] = static_cast<R>(Op()(static_cast<W>(x[i * stride_a]), static_cast<W>(y[i * stride_b])));
    }
  }
}

template <class Op, int64_t Grain>
void eval_binary(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  const Dtype dtype = inputs[0].dtype();
  const BinaryRun run = detail::dispatch_all(dtype, [&](auto tag) -> BinaryRun {
    using T = decltype(tag);
    if constexpr (in_domain<T>(Op::kDomain)) {
      return &binary_run<Op, T>;
    } else {
      throw_unsupported(dtype);
    }
  });
  apply_binary(run, Grain, inputs, outputs[0]);
}

}  // namespace mlxa::cpu
