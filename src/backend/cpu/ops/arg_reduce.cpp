// ArgMin and ArgMax: the first index wins, and the first NaN wins over every number.
#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/lines.h"

namespace mlxa::cpu {
namespace {

template <class T, bool IsMax>
uint32_t best_index(const T* x, int64_t stride, int64_t length) {
  using W = Wide<T>;
  W best = static_cast<W>(x[0]);
  int64_t index = 0;
  for (int64_t i = 1; i < length && best == best; i++) {
    const W value = static_cast<W>(x[i * stride]);
    if ((IsMax ? value > best : value < best) || value != value) {
      best = value;
      index = i;
    }
  }
  return static_cast<uint32_t>(index);
}

void eval_arg_reduce(const Primitive& primitive, std::span<const array> inputs,
                     std::span<array> outputs) {
  const ArgReduceParams& params = params_of<ArgReduce>(primitive);
  const array& in = inputs[0];
  const Lines lines(in, outputs[0], params.axis);
  if (lines.length() == 0) throw std::invalid_argument("[argmin, argmax] over an empty axis");
  uint32_t* out = outputs[0].data<uint32_t>();
  detail::dispatch_all(in.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const auto search =
        params.kind == ArgReduceParams::ArgMax ? best_index<T, true> : best_index<T, false>;
    const T* x = in.data<T>();
    lines.for_each([&](int64_t from, int64_t to) {
      out[to] = search(x + from, lines.in_stride(), lines.length());
    });
  });
}

}  // namespace

void add_arg_reduce_ops(CpuOpTable& table) { table[OpKind::kArgReduce].eval = eval_arg_reduce; }

}  // namespace mlxa::cpu
