// The vector kernels. A file under isa/ defines MLXA_VECTOR_BYTES, MLXA_VECTOR_SPACE and
// MLXA_VECTOR_TABLE and includes this.
#include "backend/cpu/kernels/vector.h"
#include "backend/cpu/kernels/vector_kernels.h"

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

template <class T>
using ConstRow = const typename T::Stored*;
template <class T>
using Row = typename T::Stored*;

// fn(element type, as a value)
template <class F>
inline void by_type(FloatType type, F fn) {
  switch (type) {
    case FloatType::kFloat32:
      return fn(F32{});
    case FloatType::kFloat16:
      return fn(F16{});
    case FloatType::kBFloat16:
      return fn(BF16{});
  }
}

void load(const void* from, FloatType type, int64_t n, float* to) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    const auto* x = static_cast<ConstRow<T>>(from);
    for (int64_t i = 0; i < n; i += kLanes) {
      narrow_up_to<F32>(widen_up_to<T>(x + i, n - i), to + i, n - i);
    }
  });
}

void store(const float* from, FloatType type, int64_t n, void* to) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    auto* y = static_cast<Row<T>>(to);
    for (int64_t i = 0; i < n; i += kLanes) {
      narrow_up_to<T>(widen_up_to<F32>(from + i, n - i), y + i, n - i);
    }
  });
}

void load_rows(const void* from, FloatType type, int64_t n, int64_t stride, int64_t rows,
               float factor, float* to) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    const int64_t width = padded(n);
    for (int64_t r = 0; r < rows; r++) {
      const auto* x = static_cast<ConstRow<T>>(from) + r * stride;
      float* y = to + r * width;
      int64_t i = 0;
      for (; i < n; i += kLanes) F32::narrow(widen_up_to<T>(x + i, n - i) * factor, y + i);
      for (; i < width; i += kLanes) F32::narrow(Vec{}, y + i);
    }
  });
}

template <class T>
inline float sum_of_squares(ConstRow<T> x, int64_t n) {
  Vec sum[4] = {};
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    for (int j = 0; j < 4; j++) {
      const Vec v = T::widen(x + i + j * kLanes);
      sum[j] = fma(v, v, sum[j]);
    }
  }
  for (; i < n; i += kLanes) {
    const Vec v = widen_up_to<T>(x + i, n - i);
    sum[0] = fma(v, v, sum[0]);
  }
  return sum_lanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

template <class T>
inline void normalize(ConstRow<T> x, ConstRow<T> weight, float eps, int64_t n, Row<T> out) {
  const float mean = sum_of_squares<T>(x, n) / static_cast<float>(n);
  const float factor = 1.0f / sqrtf(mean + eps);
  for (int64_t i = 0; i < n; i += kLanes) {
    Vec v = widen_up_to<T>(x + i, n - i) * factor;
    if (weight) v = rounded<T>(v) * widen_up_to<T>(weight + i, n - i);
    narrow_up_to<T>(v, out + i, n - i);
  }
}

void rms_norm(const void* x, const void* weight, float eps, FloatType type, int64_t n,
              void* out) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    normalize<T>(static_cast<ConstRow<T>>(x), static_cast<ConstRow<T>>(weight), eps, n,
                 static_cast<Row<T>>(out));
  });
}

void add_rms_norm(const void* x, const void* residual, const void* weight, float eps,
                  FloatType type, int64_t n, void* sum, void* out) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    const auto* a = static_cast<ConstRow<T>>(x);
    const auto* b = static_cast<ConstRow<T>>(residual);
    auto* s = static_cast<Row<T>>(sum);
    for (int64_t i = 0; i < n; i += kLanes) {
      narrow_up_to<T>(widen_up_to<T>(a + i, n - i) + widen_up_to<T>(b + i, n - i), s + i, n - i);
    }
    normalize<T>(s, static_cast<ConstRow<T>>(weight), eps, n, static_cast<Row<T>>(out));
  });
}

template <class T>
inline float mean_of(ConstRow<T> x, int64_t n) {
  Vec sum = {};
  for (int64_t i = 0; i < n; i += kLanes) sum += widen_up_to<T>(x + i, n - i);
  return sum_lanes(sum) / static_cast<float>(n);
}

template <class T>
inline float variance_of(ConstRow<T> x, float mean, int64_t n) {
  Vec sum = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec d = T::widen(x + i) - mean;
    sum = fma(d, d, sum);
  }
  if (i < n) {
    float tail[kLanes] = {};
    F32::narrow(widen_part<T>(x + i, n - i) - mean, tail);
    const Vec d = widen_part<F32>(tail, n - i);
    sum = fma(d, d, sum);
  }
  return sum_lanes(sum) / static_cast<float>(n);
}

void layer_norm(const void* x, const void* weight, const void* bias, float eps, FloatType type,
                int64_t n, void* out) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    const auto* in = static_cast<ConstRow<T>>(x);
    const auto* w = static_cast<ConstRow<T>>(weight);
    const auto* b = static_cast<ConstRow<T>>(bias);
    auto* y = static_cast<Row<T>>(out);
    const float mean = mean_of<T>(in, n);
    const float factor = 1.0f / sqrtf(variance_of<T>(in, mean, n) + eps);
    for (int64_t i = 0; i < n; i += kLanes) {
      Vec v = (widen_up_to<T>(in + i, n - i) - mean) * factor;
      if (w) v = v * widen_up_to<T>(w + i, n - i);
      if (b) v = v + widen_up_to<T>(b + i, n - i);
      narrow_up_to<T>(v, y + i, n - i);
    }
  });
}

template <int... I>
inline Vec swap_pairs(Vec v, Lanes<I...>) {
  return __builtin_shufflevector(v, v, (I ^ 1)...);
}

template <class T>
inline void rotate_pairs(ConstRow<T> x, const float* cos, const float* sin, int64_t dims,
                         Row<T> out) {
  for (int64_t i = 0; i < dims; i += kLanes) {
    const Vec v = widen_up_to<T>(x + i, dims - i);
    const Vec other = swap_pairs(v, AllLanes{});
    const Vec c = widen_up_to<F32>(cos + i, dims - i), s = widen_up_to<F32>(sin + i, dims - i);
    narrow_up_to<T>(fma(v, c, other * s), out + i, dims - i);
  }
}

template <class T>
inline void rotate_halves(ConstRow<T> x, const float* cos, const float* sin, int64_t half,
                          Row<T> out) {
  for (int64_t i = 0; i < half; i += kLanes) {
    const Vec a = widen_up_to<T>(x + i, half - i), b = widen_up_to<T>(x + half + i, half - i);
    const Vec c = widen_up_to<F32>(cos + i, half - i), s = widen_up_to<F32>(sin + i, half - i);
    narrow_up_to<T>(fma(a, c, -(b * s)), out + i, half - i);
    narrow_up_to<T>(fma(b, c, a * s), out + half + i, half - i);
  }
}

void rope(const void* x, const float* cos, const float* sin, bool traditional, int64_t dims,
          FloatType type, int64_t n, void* out) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    const auto* in = static_cast<ConstRow<T>>(x);
    auto* y = static_cast<Row<T>>(out);
    if (traditional) {
      rotate_pairs<T>(in, cos, sin, dims, y);
    } else {
      rotate_halves<T>(in, cos, sin, dims / 2, y);
    }
    memcpy(y + dims, in + dims, static_cast<size_t>(n - dims) * sizeof(*y));
  });
}

void swiglu(const void* gate, const void* up, FloatType type, int64_t n, void* out) noexcept {
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    const auto* g = static_cast<ConstRow<T>>(gate);
    const auto* u = static_cast<ConstRow<T>>(up);
    auto* y = static_cast<Row<T>>(out);
    for (int64_t i = 0; i < n; i += kLanes) {
      const Vec v = widen_up_to<T>(g + i, n - i);
      const Vec silu = v / (1.0f + exp(-v));
      narrow_up_to<T>(silu * widen_up_to<T>(u + i, n - i), y + i, n - i);
    }
  });
}

void scale_add(float* y, float alpha, const float* c, float beta, int64_t n) noexcept {
  for (int64_t i = 0; i < n; i += kLanes) {
    const Vec scaled = widen_up_to<F32>(y + i, n - i) * alpha;
    narrow_up_to<F32>(fma(widen_up_to<F32>(c + i, n - i), splat(beta), scaled), y + i, n - i);
  }
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE

#include "backend/cpu/kernels/attention_decode.inl"
#include "backend/cpu/kernels/attention_kernels.inl"

namespace mlxa::cpu {

namespace space = MLXA_VECTOR_SPACE;

const VectorKernels MLXA_VECTOR_TABLE = {
    space::load,           space::store,        space::load_rows,    space::rms_norm,
    space::add_rms_norm,   space::layer_norm,   space::rope,         space::swiglu,
    space::scale_add,      space::scores,       space::softmax_step, space::accumulate,
    space::merge,          space::quantize_row, space::load_codes,   space::decode_query_floats,
    space::decode_queries, space::decode_tile,  space::decode_total, space::finish,
};

}  // namespace mlxa::cpu
