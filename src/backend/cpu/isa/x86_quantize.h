// Rounding of activations to int8, in AVX2 for every x86 vector set.
#pragma once

#include <cstdint>

#include <immintrin.h>

#include "backend/cpu/kernels/code_order.h"
#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {
namespace {

struct RoundedGroup {
  float scale;
  float inverse;  ///< 0 for a scale of 0.
};

// Scales of groups from their largest magnitudes, and their inverses.
inline void short_scales(__m128 largest, __m128& scale, __m128& inverse) {
  const __m128i bits = _mm_castps_si128(_mm_div_ps(largest, _mm_set1_ps(127.0f)));
  const __m128i normal = _mm_cmpgt_epi32(bits, _mm_set1_epi32(0x007fffff));
  const __m128i kept = _mm_and_si128(bits, _mm_set1_epi32(static_cast<int>(kScaleMask)));
  scale = _mm_castsi128_ps(_mm_and_si128(kept, normal));
  inverse = _mm_and_ps(_mm_div_ps(_mm_set1_ps(1.0f), scale), _mm_castsi128_ps(normal));
}

// The largest magnitude is found among the bits, where NaN is larger than every number.
template <int kCount>
inline RoundedGroup group_scale(const float* x) {
  const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
  __m256i largest = _mm256_setzero_si256();
  for (int i = 0; i < kCount; i += 8) {
    const __m256i bits = _mm256_castps_si256(_mm256_loadu_ps(x + i));
    largest = _mm256_max_epi32(largest, _mm256_and_si256(bits, magnitude));
  }
  __m128i half =
      _mm_max_epi32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  __m128 scale, inverse;
  short_scales(_mm_castsi128_ps(half), scale, inverse);
  return {_mm_cvtss_f32(scale), _mm_cvtss_f32(inverse)};
}

// Part `part` of 8 activations.
inline __m256i round_8(const float* x, __m256 inverse, int part) {
  const __m256 bound = _mm256_set1_ps(127.0f), least = _mm256_set1_ps(-127.0f);
  __m256 ratio = _mm256_mul_ps(_mm256_loadu_ps(x), inverse);
  ratio = _mm256_min_ps(_mm256_max_ps(ratio, least), bound);  // NaN: -127
  if (part == 1) {
    const __m256 coarse = _mm256_round_ps(ratio, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    ratio = _mm256_mul_ps(_mm256_sub_ps(ratio, coarse), _mm256_set1_ps(kPartRatio));
    ratio = _mm256_min_ps(_mm256_max_ps(ratio, least), bound);
  }
  return _mm256_cvtps_epi32(ratio);
}

// Likewise of 32, in their own order.
inline __m256i round_32(const float* x, __m256 inverse, int part) {
  __m256i q[4];
  for (int i = 0; i < 4; ++i) q[i] = round_8(x + 8 * i, inverse, part);
  const __m256i packed =
      _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
  return _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

inline int32_t sum_bytes(__m256i q) {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), q);
  const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return _mm_cvtsi128_si32(half);
}

inline const LaneShuffle& lane_shuffle(int bits) {
  return bits == 4 ? kLaneShuffle<4> : bits == 2 ? kLaneShuffle<2> : kLaneShuffle<8>;
}

inline __m128i in_lane_order(__m256i q, const LaneShuffle& order, int v) {
  const auto* from = reinterpret_cast<const __m128i*>(order.from[v]);
  return _mm_or_si128(_mm_shuffle_epi8(_mm256_castsi256_si128(q), _mm_load_si128(from)),
                      _mm_shuffle_epi8(_mm256_extracti128_si256(q, 1), _mm_load_si128(from + 1)));
}

// Both families keep the lanes' order. Decode stores, for each unit of `unit` activations, what
// meets u0 and then what meets u1 (the last unit may be short); prefill stores lane after lane.
// Does part `part` of the row's groups from `first_group` on, as row m of `out`.
inline void round_row(const float* x, int64_t k, int bits, int unit, const Int8Rows& out, int64_t m,
                      int part, int64_t first_group = 0) {
  const LaneShuffle& order = lane_shuffle(bits);
  const int64_t groups = k / kActivationGroup;
  int8_t* q = out.q + m * k;
  for (int64_t g = first_group; g < groups; ++g) {
    const int64_t at = g * kActivationGroup;
    const RoundedGroup group = group_scale<kActivationGroup>(x + at);
    const __m256i rounded = round_32(x + at, _mm256_set1_ps(group.inverse), part);
    const float scale = part == 0 ? group.scale : group.scale / kPartRatio;
    const int64_t start = at / unit * unit;
    const int64_t length = k - start < unit ? k - start : unit;
    int8_t* low = q + start + (at - start) / 2;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low), in_lane_order(rounded, order, 0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low + length / 2),
                     in_lane_order(rounded, order, 1));
    out.scales[m * groups + g] = scale;
    out.sums[m * groups + g] = scale * static_cast<float>(sum_bytes(rounded));
  }
}

// The same for groups of half a lane and 4-bit codes: of each group eight bytes meet u0, eight u1.
inline void round_row_by_16(const float* x, int64_t k, int unit, const Int8Rows& out, int64_t m,
                            int part) {
  const __m128i even_odd = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
  const int64_t groups = k / 16;
  int8_t* q = out.q + m * k;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t at = g * 16;
    const RoundedGroup group = group_scale<16>(x + at);
    const __m256 inverse = _mm256_set1_ps(group.inverse);
    const float scale = part == 0 ? group.scale : group.scale / kPartRatio;
    const __m256i words = _mm256_permute4x64_epi64(
        _mm256_packs_epi32(round_8(x + at, inverse, part), round_8(x + at + 8, inverse, part)),
        0xd8);
    const __m128i bytes =
        _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    const __m128i ordered = _mm_shuffle_epi8(bytes, even_odd);
    const int64_t start = at / unit * unit;
    const int64_t length = k - start < unit ? k - start : unit;
    int8_t* low = q + start + (at - start) / 2;
    _mm_storel_epi64(reinterpret_cast<__m128i*>(low), ordered);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(low + length / 2), _mm_srli_si128(ordered, 8));
    out.scales[m * groups + g] = scale;
    out.sums[m * groups + g] = scale * static_cast<float>(sum_bytes(_mm256_zextsi128_si256(bytes)));
  }
}

}  // namespace
}  // namespace mlxa::cpu
