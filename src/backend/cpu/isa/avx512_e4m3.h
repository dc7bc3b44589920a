// Decode of mxfp8 in AVX-512, with activations in float32 or, where the processor multiplies that,
// in float16.
//
// A code is the float16 of its value / 256 but for two bits' places: two products of bytes with
// matrices of bits give its upper and its lower byte. Numbers are widened by way of memory: the
// conversion of a register takes a shuffle more, and so does a register's upper half. A group is
// summed up before its scale multiplies it. Codes that are no numbers give ordinary ones here: they
// are noticed by the row.
#pragma once

#include <cstdint>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/decode_exact.h"
#include "backend/cpu/kernels/decode_space.h"
#include "backend/cpu/kernels/fetch.h"
#include "backend/cpu/kernels/float_formats.h"

namespace mlxa::cpu {
namespace {

/// 64 codes as float16, / 256: the first and the last 8 of each 16.
[[gnu::always_inline]] inline void e4m3_to_halves(__m512i codes, __m512i& first, __m512i& last) {
  // Of a code s eeee mmm: s 0 eeee mm, and m 0000000.
  constexpr auto kUpper = static_cast<int64_t>(taken_bits(1, 6) | 1 << 7), kLower = int64_t{1};
  const __m512i upper = _mm512_gf2p8affine_epi64_epi8(codes, _mm512_set1_epi64(kUpper), 0);
  const __m512i lower = _mm512_gf2p8affine_epi64_epi8(codes, _mm512_set1_epi64(kLower), 0);
  first = _mm512_unpacklo_epi8(lower, upper);
  last = _mm512_unpackhi_epi8(lower, upper);
}

/// 32 numbers in float16 where they are converted from.
class HalvesInMemory {
 public:
  [[gnu::always_inline]] inline explicit HalvesInMemory(__m512i halves) {
    _mm512_store_si512(of_, halves);
    __asm__("" : "+m"(of_));  // or the compiler keeps to registers
  }
  [[gnu::always_inline]] inline __m512 widen(int half) const {
    return _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(of_) + half));
  }

 private:
  alignas(64) uint16_t of_[32];
};

/// `Step` multiplies kStep codes with rows of x:
///   X             what elements of x are
///   add<kRows>    adds to sums[r][i] what group i of the codes and row r make, `groups` of them
template <class Step>
class E4M3Decode {
 public:
  using X = typename Step::X;

  /// Rows of x lie `stride` apart; what they make is multiplied by `factors`, if there are any.
  static void run(const QuantizedMatrix& w, const X* x, int64_t stride, const float* factors,
                  int64_t m, int64_t n_begin, int64_t n_end, float* y, int64_t ldy) {
    for (int64_t n = n_begin; n < n_end; n += kTile) {
      const Tile tile{w, stride, n, n_end - n < kTile ? n_end - n : kTile};
      for (int64_t at = 0; at < m; at += kMostRows) {
        rows<kMostRows>(m - at, tile, x + at * stride, factors ? factors + at : nullptr,
                        y + at * ldy + n, ldy);
      }
    }
  }

 private:
  using F = __m512;
  using I = __m512i;
  static constexpr int kMostRows = 4;
  static constexpr int kTile = 16;  // rows of W whose sums are added up together
  static constexpr int kStep = 64, kGroup = 32;

  struct Tile {
    const QuantizedMatrix& w;
    int64_t stride, n, count;
  };

  template <int kRows>
  static void rows(int64_t left, const Tile& tile, const X* x, const float* factors, float* y,
                   int64_t ldy) {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRows - 1>(left, tile, x, factors, y, ldy);
    }
    const int64_t k = tile.w.k, groups = k / kGroup;
    const uint8_t* codes = tile.w.weight + tile.n * k;
    const uint8_t* scales = static_cast<const uint8_t*>(tile.w.scales) + tile.n * groups;
    const int64_t ahead = (kFetchAhead / k + 1) * groups;
    F sums[kRows][kTile];
    unsigned bad = 0;
    for (int t = 0; t < kTile; ++t, codes += k, scales += groups) {
      F sum[kRows] = {};
      if (t < tile.count) {
        fetch_lines(scales + ahead, groups);
        bad |= static_cast<unsigned>(row<kRows>(codes, scales, k, x, tile.stride, sum)) << t;
      }
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) sums[r][t] = sum[r];
    }
    const F no_number = _mm512_set1_ps(__builtin_nanf(""));
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      F products = Avx512::sum_each(sums[r]);
      if (factors) products = _mm512_mul_ps(products, _mm512_set1_ps(factors[r]));
      products = _mm512_mask_mov_ps(products, static_cast<__mmask16>(bad), no_number);
      Avx512::store_first(y + r * ldy, products, static_cast<int>(tile.count));
    }
  }

  // Rows of x with a row of W; true if that has a code that is no number.
  template <int kRows>
  [[gnu::always_inline]] static inline bool row(const uint8_t* codes, const uint8_t* scales,
                                                int64_t k, const X* x, int64_t stride,
                                                F (&sums)[kRows]) {
    const int64_t groups = k / kGroup;
    const I sign = _mm512_set1_epi8(static_cast<char>(0x80));
    F of[kRows][2] = {};                 // of even and of odd groups
    I largest = _mm512_setzero_si512();  // of the codes' bytes, all taken as negative
    for (int64_t g = 0; g < groups; g += 16) {
      const int count = static_cast<int>(groups - g < 16 ? groups - g : 16);
      const __m128i bytes = _mm_maskz_loadu_epi8(Avx512::first(count), scales + g);
      alignas(64) float scale[16];
      _mm512_store_ps(scale, _mm512_mul_ps(Avx512::e8m0(bytes), _mm512_set1_ps(256.0f)));
      int i = 0;
      for (; i + 2 <= count; i += 2, codes += kStep, x += kStep) {
        __builtin_prefetch(codes + kFetchAhead, 0, 2);
        const I both = _mm512_loadu_si512(codes);
        largest = _mm512_max_epu8(largest, _mm512_or_si512(both, sign));
        Step::template add<kRows, 2>(both, x, stride, scale + i, of);
      }
      if (i < count) {
        const I one = _mm512_maskz_loadu_epi8(0xffffffff, codes);
        largest = _mm512_max_epu8(largest, _mm512_or_si512(one, sign));
        Step::template add<kRows, 1>(one, x, stride, scale + i, of);
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) sums[r] = _mm512_add_ps(of[r][0], of[r][1]);
    return _mm512_cmpeq_epi8_mask(largest, _mm512_set1_epi8(static_cast<char>(0xff))) != 0;
  }
};

struct FloatStep {
  using X = float;

  template <int kRows, int kGroups>
  [[gnu::always_inline]] static inline void add(__m512i codes, const float* x, int64_t stride,
                                                const float* scale, __m512 (&sums)[kRows][2]) {
    // Then the first of each 16 are those of a group in their order, and the last ones.
    const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
    __m512i groups[2];
    e4m3_to_halves(_mm512_permutexvar_epi64(order, codes), groups[0], groups[1]);
#pragma GCC unroll 2
    for (int i = 0; i < kGroups; ++i) {
      const HalvesInMemory halves(groups[i]);
      const __m512 low = halves.widen(0), high = halves.widen(1);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const float* row = x + r * stride + 32 * i;
        const __m512 sum = _mm512_fmadd_ps(high, _mm512_loadu_ps(row + 16),
                                           _mm512_mul_ps(low, _mm512_loadu_ps(row)));
        sums[r][i] = _mm512_fmadd_ps(sum, _mm512_set1_ps(scale[i]), sums[r][i]);
      }
    }
  }
};

}  // namespace

template <>
struct ExactDecode<Mxfp8<Avx512>, 8> {
  static void run(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy) {
    E4M3Decode<FloatStep>::run(w, x, w.k, nullptr, m, n_begin, n_end, y, ldy);
  }
};

}  // namespace mlxa::cpu
