// Decode of mxfp8 with activations in float16: two products of a group are summed up in that type,
// 32 sums at a time, and these widened. So 64 codes take 12 instructions of the two ports for
// arithmetic.
#pragma once

#include <cstdint>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_e4m3.h"

namespace mlxa::cpu {
namespace {

struct HalfStep {
  using X = uint16_t;

  template <int kRows, int kGroups>
  [[gnu::always_inline]] static inline void add(__m512i codes, const uint16_t* x, int64_t stride,
                                                const float* scale, __m512 (&sums)[kRows][2]) {
    __m512i first, last;  // of each 16: both groups' products meet in lanes of their own
    e4m3_to_halves(codes, first, last);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const uint16_t* row = x + r * stride;
      const __m512h products =
          _mm512_fmadd_ph(_mm512_castsi512_ph(last), _mm512_loadu_ph(row + 32),
                          _mm512_mul_ph(_mm512_castsi512_ph(first), _mm512_loadu_ph(row)));
      const HalvesInMemory halves(_mm512_castph_si512(products));
#pragma GCC unroll 2
      for (int i = 0; i < kGroups; ++i) {
        sums[r][i] = _mm512_fmadd_ps(halves.widen(i), _mm512_set1_ps(scale[i]), sums[r][i]);
      }
    }
  }
};

// The largest magnitude is to be below 2^14: then no sum of two products overflows. A row that has
// something else than numbers keeps it. Elements lie as HalfStep reads them: the first, then the
// last 8 of each 16.
void round_half_row(const float* x, int64_t k, uint16_t* out, float* scale) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  __m512i largest = _mm512_setzero_si512();
  for (int64_t i = 0; i < k; i += 16) {
    largest = _mm512_max_epi32(largest, _mm512_and_si512(_mm512_loadu_si512(x + i), magnitude));
  }
  const int exponent = _mm512_reduce_max_epi32(largest) >> 23;  // 255: no numbers
  const int up = exponent == 255 ? 127 : 13 + 127 + 127 - exponent;
  const int kept = up < 253 ? up : 253;
  *scale = e8m0_value(static_cast<uint8_t>(254 - kept));
  const __m512 factor = _mm512_set1_ps(e8m0_value(static_cast<uint8_t>(kept)));
  for (int64_t i = 0; i < k; i += HalfRows::kStep, out += HalfRows::kStep) {
    __m256i halves[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      const int64_t at = i + 16 * v;
      const __m512 values = at < k ? _mm512_loadu_ps(x + at) : _mm512_setzero_ps();
      halves[v] = _mm512_cvtps_ph(_mm512_mul_ps(values, factor), _MM_FROUND_TO_NEAREST_INT);
    }
    const __m512i low = _mm512_inserti64x4(_mm512_castsi256_si512(halves[0]), halves[1], 1);
    const __m512i high = _mm512_inserti64x4(_mm512_castsi256_si512(halves[2]), halves[3], 1);
    _mm512_store_si512(out, _mm512_shuffle_i32x4(low, high, 0x88));
    _mm512_store_si512(out + 32, _mm512_shuffle_i32x4(low, high, 0xdd));
  }
}

}  // namespace
}  // namespace mlxa::cpu
