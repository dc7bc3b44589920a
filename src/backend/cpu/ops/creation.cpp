// Full and Arange.
#include <limits>

#include "backend/cpu/ops/cast.h"
#include "backend/cpu/ops/copy.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa::cpu {
namespace {

void eval_full(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  const array& value = inputs[0];
  array& out = outputs[0];
  const OperandStrides strides(value, out.shape());
  copy_strided(out.itemsize(), out.shape(), value.data<void>(), strides.data(), out.data<void>(),
               out.strides().data());
}

uint64_t wrapping_integer(double x) {
  constexpr double k2To63 = 0x1p63;
  if (!(x >= -k2To63)) return uint64_t{1} << 63;
  return static_cast<uint64_t>(x < k2To63 ? static_cast<int64_t>(x)
                                          : std::numeric_limits<int64_t>::max());
}

// start + i * step, in double for floats: exact to the last bit of any length. Integers truncate
// start and start + step first and wrap, as MLX does.
void eval_arange(const Primitive& primitive, std::span<const array>, std::span<array> outputs) {
  const ArangeParams params = params_of<Arange>(primitive);
  array& out = outputs[0];
  detail::dispatch_all(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    T* to = out.data<T>();
    ThreadPool::instance().parallel_for(
        static_cast<int64_t>(out.size()), kElementGrain, [&](int64_t begin, int64_t end) {
          if constexpr (kIsFloat<T>) {
            for (int64_t i = begin; i < end; i++) {
              to[i] = static_cast<T>(
                  static_cast<float>(params.start + static_cast<double>(i) * params.step));
            }
          } else {
            const uint64_t first = wrapping_integer(params.start);
            const uint64_t second = wrapping_integer(params.start + params.step);
            for (int64_t i = begin; i < end; i++) {
              to[i] = static_cast<T>(first + static_cast<uint64_t>(i) * (second - first));
            }
          }
        });
  });
}

}  // namespace

void add_creation_ops(CpuOpTable& table) {
  table[OpKind::kFull].eval = eval_full;
  table[OpKind::kArange].eval = eval_arange;
}

}  // namespace mlxa::cpu
