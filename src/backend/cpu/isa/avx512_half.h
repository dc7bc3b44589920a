// Decode of mxfp8 with activations in float16, where the processor multiplies that.
//
// A code is the float16 of its value / 256 but for two bits' places, which two products of bytes
// with matrices of bits give its upper and its lower byte. Two products of a group are summed up in
// float16, 32 sums at a time, and these widened by way of memory, which is cheaper than from a
// register: 12 instructions of the two ports for arithmetic for 64 codes. Codes that are no numbers
// give ordinary ones here: they are noticed by the row.
#pragma once

#include <cstdint>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/decode_space.h"

namespace mlxa::cpu {
namespace {

class HalfDecode {
 public:
  static void round_rows(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                         const HalfRows& out) noexcept {
    for (int64_t m = m_begin; m < m_end; ++m) {
      round_row(x + m * k, k, out.values + m * HalfRows::padded(k), out.scales + m);
    }
  }

  static void multiply(const QuantizedMatrix& w, const HalfRows& x, int64_t m, int64_t n_begin,
                       int64_t n_end, float* y, int64_t ldy) noexcept {
    for (int64_t n = n_begin; n < n_end; n += kTile) {
      const Tile tile{w, n, n_end - n < kTile ? n_end - n : kTile};
      for (int64_t at = 0; at < m; at += kMostRows) {
        const HalfRows from{x.values + at * HalfRows::padded(w.k), x.scales + at};
        rows<kMostRows>(m - at, tile, from, y + at * ldy + n, ldy);
      }
    }
  }

 private:
  using F = __m512;
  using I = __m512i;
  static constexpr int kMostRows = 4;
  static constexpr int kTile = 16;  // rows of W whose sums are added up together
  static constexpr int kStep = HalfRows::kStep, kGroup = 32;

  struct Tile {
    const QuantizedMatrix& w;
    int64_t n, count;
  };

  // The largest magnitude is to be below 2^14: then no sum of two products overflows. A row that
  // has something else than numbers keeps it.
  static void round_row(const float* x, int64_t k, uint16_t* out, float* scale) {
    const I magnitude = _mm512_set1_epi32(0x7fffffff);
    I largest = _mm512_setzero_si512();
    for (int64_t i = 0; i < k; i += 16) {
      largest = _mm512_max_epi32(largest, _mm512_and_si512(_mm512_loadu_si512(x + i), magnitude));
    }
    const int exponent = _mm512_reduce_max_epi32(largest) >> 23;  // 255: no numbers
    const int up = exponent == 255 ? 127 : 13 + 127 + 127 - exponent;
    const int kept = up < 253 ? up : 253;
    *scale = e8m0_value(static_cast<uint8_t>(254 - kept));
    const F factor = _mm512_set1_ps(e8m0_value(static_cast<uint8_t>(kept)));
    for (int64_t i = 0; i < k; i += kStep, out += kStep) {
      __m256i halves[4];
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
        const F values = i + 16 * v < k ? _mm512_loadu_ps(x + i + 16 * v) : _mm512_setzero_ps();
        halves[v] = _mm512_cvtps_ph(_mm512_mul_ps(values, factor), _MM_FROUND_TO_NEAREST_INT);
      }
      const I low = _mm512_inserti64x4(_mm512_castsi256_si512(halves[0]), halves[1], 1);
      const I high = _mm512_inserti64x4(_mm512_castsi256_si512(halves[2]), halves[3], 1);
      _mm512_store_si512(out, _mm512_shuffle_i32x4(low, high, 0x88));
      _mm512_store_si512(out + 32, _mm512_shuffle_i32x4(low, high, 0xdd));
    }
  }

  template <int kRows>
  static void rows(int64_t left, const Tile& tile, const HalfRows& x, float* y, int64_t ldy) {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRows - 1>(left, tile, x, y, ldy);
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
        for (int64_t at = 0; at < groups; at += 64) __builtin_prefetch(scales + ahead + at, 0, 2);
        bad |= static_cast<unsigned>(row<kRows>(codes, scales, k, x.values, sum)) << t;
      }
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) sums[r][t] = sum[r];
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const F products = _mm512_mul_ps(Avx512::sum_each(sums[r]), _mm512_set1_ps(x.scales[r]));
      const F no_number = _mm512_set1_ps(__builtin_nanf(""));
      Avx512::store_first(y + r * ldy,
                          _mm512_mask_mov_ps(products, static_cast<__mmask16>(bad), no_number),
                          static_cast<int>(tile.count));
    }
  }

  // Rows of x with a row of W; true if that has a code that is no number.
  template <int kRows>
  [[gnu::always_inline]] static inline bool row(const uint8_t* codes, const uint8_t* scales,
                                                int64_t k, const uint16_t* x, F (&sums)[kRows]) {
    const int64_t groups = k / kGroup, stride = HalfRows::padded(k);
    F of[kRows][2] = {};  // of even and of odd groups
    I largest = _mm512_setzero_si512();
    for (int64_t g = 0; g < groups; g += 16) {
      const int count = static_cast<int>(groups - g < 16 ? groups - g : 16);
      const __m128i bytes = _mm_maskz_loadu_epi8(Avx512::first(count), scales + g);
      alignas(64) float scale[16];
      _mm512_store_ps(scale, _mm512_mul_ps(Avx512::e8m0(bytes), _mm512_set1_ps(256.0f)));
      int i = 0;
      for (; i + 2 <= count; i += 2, codes += kStep, x += kStep) {
        __builtin_prefetch(codes + kFetchAhead, 0, 2);
        step<kRows>(_mm512_loadu_si512(codes), x, stride, scale + i, of, largest);
      }
      if (i < count) {
        step<kRows>(_mm512_maskz_loadu_epi8(0xffffffff, codes), x, stride, scale + i, of, largest);
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) sums[r] = _mm512_add_ps(of[r][0], of[r][1]);
    return _mm512_cmpeq_epi8_mask(largest, _mm512_set1_epi8(static_cast<char>(0xff))) != 0;
  }

  // Two groups.
  template <int kRows>
  [[gnu::always_inline]] static inline void step(I codes, const uint16_t* x, int64_t stride,
                                                 const float* scale, F (&of)[kRows][2],
                                                 I& largest) {
    const I sign = _mm512_set1_epi8(static_cast<char>(0x80));
    largest = _mm512_max_epu8(largest, _mm512_or_si512(codes, sign));
    const I upper = _mm512_gf2p8affine_epi64_epi8(codes, _mm512_set1_epi64(kUpperByte), 0);
    const I lower = _mm512_gf2p8affine_epi64_epi8(codes, _mm512_set1_epi64(kLowerByte), 0);
    const __m512h first = _mm512_castsi512_ph(_mm512_unpacklo_epi8(lower, upper));
    const __m512h second = _mm512_castsi512_ph(_mm512_unpackhi_epi8(lower, upper));
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const uint16_t* row = x + r * stride;
      const __m512h products = _mm512_fmadd_ph(second, _mm512_loadu_ph(row + 32),
                                               _mm512_mul_ph(first, _mm512_loadu_ph(row)));
      alignas(64) uint16_t memory[32];
      _mm512_store_ph(memory, products);
      __asm__("" : "+m"(memory));  // or the compiler keeps to registers
#pragma GCC unroll 2
      for (int side = 0; side < 2; ++side) {
        const F widened =
            _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(memory) + side));
        of[r][side] = _mm512_fmadd_ps(widened, _mm512_set1_ps(scale[side]), of[r][side]);
      }
    }
  }

  // Of a code s eeee mmm: s 0 eeee mm, and m 0000000.
  static constexpr int64_t kUpperByte =
      taken_bits(1, 6) | static_cast<int64_t>(uint64_t{1} << 7);  // bit 7 of row 7
  static constexpr int64_t kLowerByte = 1;                        // bit 0 of row 7
};

}  // namespace
}  // namespace mlxa::cpu
