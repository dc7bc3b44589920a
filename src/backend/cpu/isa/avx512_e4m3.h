// Decode of mxfp8 in AVX-512.
//
// A code becomes the float16 of its value / 256 by shifting, and that a float32, by way of memory:
// the conversion of a register takes a shuffle more, and so does a register's upper half. A group
// is summed up before its scale multiplies it. So 64 codes take 18 instructions of the two ports
// for arithmetic. Codes that are no numbers give ordinary ones here: they are noticed by the row.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/decode_exact.h"
#include "backend/cpu/kernels/float_formats.h"

namespace mlxa::cpu {
namespace {

class E4M3Decode {
 public:
  static void run(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy) {
    for (int64_t n = n_begin; n < n_end; ++n) {
      for (int64_t at = 0; at < m; at += kMostRows) {
        rows<kMostRows>(m - at, w, n, x + at * w.k, y + at * ldy + n, ldy);
      }
    }
  }

 private:
  using F = __m512;
  using I = __m512i;
  static constexpr int kMostRows = 4;
  static constexpr int kGroup = 32;
  static constexpr int64_t kFetch = 16384;  // bytes ahead

  // Rows of x with a row of W.
  template <int kRows>
  struct Sums {
    F of[kRows][2];  // of even and of odd groups
    I largest;       // of the codes' bytes, all taken as negative
  };

  template <int kRows>
  static void rows(int64_t left, const QuantizedMatrix& w, int64_t n, const float* x, float* y,
                   int64_t ldy) {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRows - 1>(left, w, n, x, y, ldy);
    }
    const int64_t groups = w.k / kGroup;
    const uint8_t* codes = w.weight + n * w.k;
    const uint8_t* scales = static_cast<const uint8_t*>(w.scales) + n * groups;
    Sums<kRows> sums;
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) sums.of[r][0] = sums.of[r][1] = _mm512_setzero_ps();
    sums.largest = _mm512_setzero_si512();
    for (int64_t g = 0; g < groups; g += 16, codes += 16 * kGroup, x += 16 * kGroup) {
      const int count = static_cast<int>(groups - g < 16 ? groups - g : 16);
      const __m128i bytes = _mm_maskz_loadu_epi8(Avx512::first(count), scales + g);
      alignas(64) float scale[16];
      _mm512_store_ps(scale, _mm512_mul_ps(Avx512::e8m0(bytes), _mm512_set1_ps(256.0f)));
      if (count == 16) {
        add<kRows>(codes, x, w.k, scale, 16, sums);
      } else {
        add<kRows>(codes, x, w.k, scale, count, sums);
      }
    }
    const bool bad =
        _mm512_cmpeq_epi8_mask(sums.largest, _mm512_set1_epi8(static_cast<char>(0xff))) != 0;
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const float sum = _mm512_reduce_add_ps(_mm512_add_ps(sums.of[r][0], sums.of[r][1]));
      y[r * ldy] = bad ? __builtin_nanf("") : sum;
    }
  }

  template <int kRows>
  [[gnu::always_inline]] static inline void add(const uint8_t* codes, const float* x, int64_t ldx,
                                                const float* scale, int count, Sums<kRows>& sums) {
    int g = 0;
    for (; g + 2 <= count; g += 2, codes += 2 * kGroup, x += 2 * kGroup) {
      __builtin_prefetch(codes + kFetch, 0, 2);
      notice(_mm512_loadu_si512(codes), sums.largest);
      add_group<kRows, 0>(codes, x, ldx, scale[g], sums);
      add_group<kRows, 1>(codes + kGroup, x + kGroup, ldx, scale[g + 1], sums);
    }
    if (g == count) return;
    notice(_mm512_maskz_loadu_epi8(0xffffffff, codes), sums.largest);
    add_group<kRows, 0>(codes, x, ldx, scale[g], sums);
  }

  [[gnu::always_inline]] static inline void notice(I codes, I& largest) {
    const I sign = _mm512_set1_epi8(static_cast<char>(0x80));
    largest = _mm512_max_epu8(largest, _mm512_or_si512(codes, sign));
  }

  static F widen(const uint16_t* halves) {
    return _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(halves)));
  }

  template <int kRows, int kSide>
  [[gnu::always_inline]] static inline void add_group(const uint8_t* codes, const float* x,
                                                      int64_t ldx, float scale, Sums<kRows>& sums) {
    const __m256i raw = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
    const I shifted = _mm512_slli_epi16(_mm512_cvtepi8_epi16(raw), 7);
    const I halves = _mm512_and_si512(shifted, _mm512_set1_epi16(static_cast<int16_t>(0xbfff)));
    alignas(64) uint16_t memory[32];
    _mm512_store_si512(memory, halves);
    __asm__("" : "+m"(memory));  // or the compiler keeps to registers
    const F low = widen(memory), high = widen(memory + 16);
    const F factor = _mm512_set1_ps(scale);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const float* row = x + r * ldx;
      const F sum = _mm512_fmadd_ps(high, _mm512_loadu_ps(row + 16),
                                    _mm512_mul_ps(low, _mm512_loadu_ps(row)));
      sums.of[r][kSide] = _mm512_fmadd_ps(sum, factor, sums.of[r][kSide]);
    }
  }
};

}  // namespace

template <>
struct ExactDecode<Mxfp8<Avx512>, 8> : E4M3Decode {};

}  // namespace mlxa::cpu
