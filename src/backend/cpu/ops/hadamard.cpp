// The Hadamard transform of lines, in float32: a fast Walsh transform within blocks of a power of
// two, then the small matrix across the blocks.
#include "array/ops/hadamard_signs.h"
#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/lines.h"
#include "backend/cpu/scratch.h"

namespace mlxa::cpu {
namespace {

constexpr int kLineSlot = 1, kColumnSlot = 2;
constexpr int64_t kColumns = 64;  // so many columns of all blocks stay in the nearest cache

void walsh_transform(float* x, int64_t length) {
  for (int64_t step = 1; step < length; step *= 2) {
    for (int64_t at = 0; at < length; at += 2 * step) {
      float *low = x + at, *high = low + step;
      MLXA_INDEPENDENT_LOOP
      for (int64_t i = 0; i < step; i++) {
        const float a = low[i], b = high[i];
        low[i] = a + b;
        high[i] = a - b;
      }
    }
  }
}

// x [order, block]: every column times the matrix.
void mix_blocks(float* x, int order, int64_t block) {
  float* mixed = scratch_of<float>(kColumnSlot, static_cast<size_t>(order * kColumns));
  for (int64_t begin = 0; begin < block; begin += kColumns) {
    const int64_t count = std::min(kColumns, block - begin);
    for (int row = 0; row < order; row++) {
      float* sum = mixed + row * kColumns;
      std::fill_n(sum, count, 0.0f);
      for (int k = 0; k < order; k++) {
        const float sign = hadamard_sign(order, row, k);
        const float* in = x + k * block + begin;
        MLXA_INDEPENDENT_LOOP
        for (int64_t i = 0; i < count; i++) sum[i] += sign * in[i];
      }
    }
    for (int row = 0; row < order; row++) {
      std::copy_n(mixed + row * kColumns, count, x + row * block + begin);
    }
  }
}

template <class T>
void transform(const HadamardParams& params, const array& in, array& out) {
  const Lines lines(in, out, -1);
  const T* x = in.data<T>();
  T* y = out.data<T>();
  const int64_t length = lines.length(), block = length / params.order;
  lines.for_each([&](int64_t from, int64_t to) {
    float* line = scratch_of<float>(kLineSlot, static_cast<size_t>(length));
    for (int64_t i = 0; i < length; i++) {
      line[i] = static_cast<float>(x[from + i * lines.in_stride()]);
    }
    for (int64_t at = 0; at < length; at += block) walsh_transform(line + at, block);
    if (params.order > 1) mix_blocks(line, params.order, block);
    for (int64_t i = 0; i < length; i++) y[to + i] = static_cast<T>(line[i] * params.scale);
  });
}

void eval_hadamard(const Primitive& primitive, std::span<const array> inputs,
                   std::span<array> outputs) {
  detail::dispatch_all(inputs[0].dtype(), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (kIsFloat<T>) {
      transform<T>(params_of<Hadamard>(primitive), inputs[0], outputs[0]);
    } else {
      throw_unsupported(inputs[0].dtype());
    }
  });
}

}  // namespace

void add_hadamard_ops(CpuOpTable& table) { table[OpKind::kHadamard].eval = eval_hadamard; }

}  // namespace mlxa::cpu
