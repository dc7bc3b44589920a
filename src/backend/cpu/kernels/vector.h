// A vector of floats as wide as the instruction set's registers, by compiler vector extensions. For
// files that define MLXA_VECTOR_BYTES and MLXA_VECTOR_SPACE and are compiled for one set.
// Everything is in an unnamed namespace: no wide code can be shared with other files.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "backend/cpu/kernels/matmul_kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

constexpr int kLanes = MLXA_VECTOR_BYTES / 4;

typedef float Vec __attribute__((vector_size(MLXA_VECTOR_BYTES)));
typedef int32_t IntVec __attribute__((vector_size(MLXA_VECTOR_BYTES)));
typedef uint32_t UintVec __attribute__((vector_size(MLXA_VECTOR_BYTES)));
typedef uint16_t HalfVec __attribute__((vector_size(MLXA_VECTOR_BYTES / 2)));

// Not a sum: x + 0 is not x where x is -0, so that the compiler would have to add.
inline Vec splat(float x) { return x - Vec{}; }
inline UintVec splat_bits(uint32_t x) { return UintVec{} + x; }

inline Vec fma(Vec a, Vec b, Vec c) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
  return (Vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif MLXA_VECTOR_BYTES == 32 && defined(__FMA__)
  return (Vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

inline Vec max(Vec a, Vec b) { return a > b ? a : b; }

// Named, since compilers make several instructions of the conversion.
inline UintVec widen_bits(HalfVec h) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
  return (UintVec)_mm512_cvtepu16_epi32((__m256i)h);
#elif MLXA_VECTOR_BYTES == 32 && defined(__AVX2__)
  return (UintVec)_mm256_cvtepu16_epi32((__m128i)h);
#else
  return __builtin_convertvector(h, UintVec);
#endif
}

// The element type, as a type.
struct F32 {
  using Stored = float;
  static Vec widen(const Stored* p) {
    Vec v;
    memcpy(&v, p, sizeof(v));
    return v;
  }
  static void narrow(Vec v, Stored* p) { memcpy(p, &v, sizeof(v)); }
};

struct BF16 {
  using Stored = uint16_t;
  static Vec widen(const Stored* p) {
    HalfVec h;
    memcpy(&h, p, sizeof(h));
    return (Vec)(widen_bits(h) << 16);
  }
  static void narrow(Vec v, Stored* p) {
    const UintVec u = (UintVec)v;
    const UintVec rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
    const UintVec nan = (u >> 16) | 0x40u;
    const UintVec bits = (u & 0x7fffffffu) > 0x7f800000u ? nan : rounded;
    const HalfVec h = __builtin_convertvector(bits, HalfVec);
    memcpy(p, &h, sizeof(h));
  }
};

struct F16 {
  using Stored = uint16_t;
  static Vec widen(const Stored* p) {
    HalfVec h;
    memcpy(&h, p, sizeof(h));
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return (Vec)_mm512_maskz_cvtph_ps(0xffff, (__m256i)h);
#elif MLXA_VECTOR_BYTES == 32 && defined(__FMA__)
    return (Vec)_mm256_cvtph_ps((__m128i)h);
#else
    const UintVec bits = widen_bits(h);
    const UintVec sign = (bits & 0x8000u) << 16;
    const UintVec magnitude = bits & 0x7fffu;
    // Shifted into place the exponent lacks 112; the product adds it, for subnormals as well.
    const UintVec finite = (UintVec)((Vec)(magnitude << 13) * 0x1p112f);
    const UintVec special = (magnitude << 13) | 0x7f800000u;
    return (Vec)((magnitude >= 0x7c00u ? special : finite) | sign);
#endif
  }
  static void narrow(Vec v, Stored* p) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
    const HalfVec h = (HalfVec)_mm512_maskz_cvtps_ph(0xffff, (__m512)v, _MM_FROUND_TO_NEAREST_INT);
#elif MLXA_VECTOR_BYTES == 32 && defined(__FMA__)
    const HalfVec h = (HalfVec)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT);
#else
    const UintVec u = (UintVec)v;
    const UintVec sign = (u >> 16) & 0x8000u;
    const UintVec magnitude = u & 0x7fffffffu;
    const UintVec normal = (magnitude + 0x0fffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
    const UintVec subnormal = (UintVec)((Vec)magnitude + 0.5f) - 0x3f000000u;
    UintVec bits = magnitude < 0x38800000u ? subnormal : normal;
    bits = magnitude >= 0x477ff000u ? splat_bits(0x7c00u) : bits;
    bits = magnitude > 0x7f800000u ? splat_bits(0x7e00u) : bits;
    const HalfVec h = __builtin_convertvector(bits | sign, HalfVec);
#endif
    memcpy(p, &h, sizeof(h));
  }
};

// The first `count` elements; the other lanes are zero.
template <class T>
inline Vec widen_part(const typename T::Stored* p, int64_t count) {
  typename T::Stored part[kLanes] = {};
  memcpy(part, p, static_cast<size_t>(count) * sizeof(part[0]));
  return T::widen(part);
}

template <class T>
inline void narrow_part(Vec v, typename T::Stored* p, int64_t count) {
  typename T::Stored part[kLanes];
  T::narrow(v, part);
  memcpy(p, part, static_cast<size_t>(count) * sizeof(part[0]));
}

template <class T>
inline Vec widen_up_to(const typename T::Stored* p, int64_t count) {
  return count >= kLanes ? T::widen(p) : widen_part<T>(p, count);
}

template <class T>
inline void narrow_up_to(Vec v, typename T::Stored* p, int64_t count) {
  if (count >= kLanes) {
    T::narrow(v, p);
  } else {
    narrow_part<T>(v, p, count);
  }
}

// What the element type makes of a value.
template <class T>
inline Vec rounded(Vec v) {
  typename T::Stored stored[kLanes];
  T::narrow(v, stored);
  return T::widen(stored);
}
template <>
inline Vec rounded<F32>(Vec v) {
  return v;
}

// Lane indices of a two-operand shuffle.
template <int... I>
struct Lanes {};
#if MLXA_VECTOR_BYTES == 64
using AllLanes = Lanes<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>;
#elif MLXA_VECTOR_BYTES == 32
using AllLanes = Lanes<0, 1, 2, 3, 4, 5, 6, 7>;
#else
using AllLanes = Lanes<0, 1, 2, 3>;
#endif

// One level of a transposed sum: lanes without the bit Half become the sum of two lanes of x, those
// with it of two of y.
template <int Half, int... I>
inline Vec fold(Vec x, Vec y, Lanes<I...>) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
  // Named: compilers take a shuffle, of which the machine does half as many.
  constexpr auto kOfY = static_cast<__mmask16>(((I & Half ? 1 << I : 0) | ...));
  const Vec own = (Vec)_mm512_mask_blend_ps(kOfY, (__m512)x, (__m512)y);
#else
  const Vec own = __builtin_shufflevector(x, y, (I & Half ? I + kLanes : I)...);
#endif
  const Vec other = __builtin_shufflevector(x, y, (I & Half ? I - Half + kLanes : I + Half)...);
  return own + other;
}

// Lane i of the result is the sum of the lanes of v[i]; the order of additions is the same for all.
inline Vec sum_each(Vec (&v)[kLanes]) {
#if MLXA_VECTOR_BYTES == 64
  for (int i = 0; i < 8; i++) v[i] = fold<8>(v[i], v[i + 8], AllLanes{});
#endif
#if MLXA_VECTOR_BYTES >= 32
  for (int i = 0; i < 4; i++) v[i] = fold<4>(v[i], v[i + 4], AllLanes{});
#endif
  for (int i = 0; i < 2; i++) v[i] = fold<2>(v[i], v[i + 2], AllLanes{});
  return fold<1>(v[0], v[1], AllLanes{});
}

template <int Step, int... I>
inline Vec swap_lanes(Vec v, Lanes<I...>) {
  return __builtin_shufflevector(v, v, (I ^ Step)...);
}

// Halves of the vector first, then halves of these.
inline float sum_lanes(Vec v) {
#if MLXA_VECTOR_BYTES == 64
  v = v + swap_lanes<8>(v, AllLanes{});
#endif
#if MLXA_VECTOR_BYTES >= 32
  v = v + swap_lanes<4>(v, AllLanes{});
#endif
  v = v + swap_lanes<2>(v, AllLanes{});
  return v[0] + v[1];
}

// Lane i: the largest of the lanes that are a multiple of Room away.
template <int Room>
inline Vec max_of_lanes(Vec v) {
#if MLXA_VECTOR_BYTES == 64
  v = max(v, swap_lanes<8>(v, AllLanes{}));
#endif
#if MLXA_VECTOR_BYTES >= 32
  v = max(v, swap_lanes<4>(v, AllLanes{}));
#endif
  if constexpr (Room <= 2) v = max(v, swap_lanes<2>(v, AllLanes{}));
  if constexpr (Room <= 1) v = max(v, swap_lanes<1>(v, AllLanes{}));
  return v;
}

inline float max_lanes(Vec v) { return max_of_lanes<1>(v)[0]; }

// Rows i and i + Half of a matrix trade what lies across the diagonal at that distance.
template <int Half, int... I>
inline void exchange(Vec& x, Vec& y, Lanes<I...>) {
  const Vec first = __builtin_shufflevector(x, y, (I & Half ? I - Half + kLanes : I)...);
  y = __builtin_shufflevector(x, y, (I & Half ? I + kLanes : I + Half)...);
  x = first;
}

template <int Half>
inline void exchange_all(Vec (&v)[kLanes]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) {
    if (!(i & Half)) exchange<Half>(v[i], v[i + Half], AllLanes{});
  }
}

// The matrix of the lanes of v, transposed.
inline void transpose(Vec (&v)[kLanes]) {
#if MLXA_VECTOR_BYTES == 64
  exchange_all<8>(v);
#endif
#if MLXA_VECTOR_BYTES >= 32
  exchange_all<4>(v);
#endif
  exchange_all<2>(v);
  exchange_all<1>(v);
}

// e^x: x = n ln 2 + r, |r| <= ln 2 / 2, the Taylor series of e^r up to r^7 (its error lies below
// half a unit of the last place), times 2^n in two steps so that the ends of the range come out
// right: infinity, subnormals, 0. NaN stays NaN.
inline Vec exp(Vec x) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
  x = (Vec)_mm512_min_ps((__m512)splat(89.0f), (__m512)x);  // of NaN and a number, the second
  x = (Vec)_mm512_max_ps((__m512)splat(-105.0f), (__m512)x);
#else
  x = x > 89.0f ? splat(89.0f) : x;
  x = x < -105.0f ? splat(-105.0f) : x;
#endif
  constexpr float kMagic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const Vec shifted = fma(x, splat(1.44269504f), splat(kMagic));
  const Vec n = shifted - kMagic;
  Vec r = fma(n, splat(-0.693359375f), x);  // ln 2 in two parts; the first has few bits, so that
  r = fma(n, splat(2.12194440e-4f), r);     // n times it is exact
  Vec p = fma(splat(1.0f / 5040), r, splat(1.0f / 720));
  p = fma(p, r, splat(1.0f / 120));
  p = fma(p, r, splat(1.0f / 24));
  p = fma(p, r, splat(1.0f / 6));
  p = fma(p, r, splat(0.5f));
  p = fma(p, r, splat(1.0f));
  p = fma(p, r, splat(1.0f));
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
  return (Vec)_mm512_scalef_ps((__m512)p, (__m512)n);
#else
  const IntVec power = (IntVec)shifted - (IntVec)splat(kMagic);
  const IntVec first = power >> 1;
  const Vec scale1 = (Vec)((first + 127) << 23);
  const Vec scale2 = (Vec)((power - first + 127) << 23);
  return p * scale1 * scale2;
#endif
}

inline float exp_one(float x) { return exp(splat(x))[0]; }

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE
