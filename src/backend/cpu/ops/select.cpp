// Select: moves elements, so that only their size matters.
#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/item.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa::cpu {
namespace {

void eval_select(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  array& out = outputs[0];
  const OperandStrides condition(inputs[0], out.shape()), yes(inputs[1], out.shape()),
      no(inputs[2], out.shape());
  const StridedLoop<3> loop(out.shape(), {condition.data(), yes.data(), no.data()});
  const int64_t sc = loop.inner_stride(0), sa = loop.inner_stride(1), sb = loop.inner_stride(2);
  const bool* c = inputs[0].data<bool>();
  dispatch_item(out.itemsize(), [&](auto tag) {
    using T = decltype(tag);
    const T* a = inputs[1].data<T>();
    const T* b = inputs[2].data<T>();
    T* target = out.data<T>();
    loop.parallel_runs(kElementGrain, [&](int64_t position, const auto& at, int64_t count) {
      const bool* pc = c + at[0];
      const T* pa = a + at[1];
      const T* pb = b + at[2];
      T* to = target + position;
      if (sc == 1 && sa == 1 && sb == 1) {
        MLXA_INDEPENDENT_LOOP
        for (int64_t i = 0; i < count; i++) to[i] = pc[i] ? pa[i] : pb[i];
      } else {
        for (int64_t i = 0; i < count; i++) to[i] = pc[i * sc] ? pa[i * sa] : pb[i * sb];
      }
    });
  });
}

}  // namespace

void add_select_ops(CpuOpTable& table) { table[OpKind::kSelect].eval = eval_select; }

}  // namespace mlxa::cpu
