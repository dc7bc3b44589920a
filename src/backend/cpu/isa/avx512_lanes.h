// What moves between the lanes of AVX-512 vectors. Internal linkage, as in avx2_vec.h.
#pragma once

#include <cstdint>

#include <immintrin.h>

namespace mlxa::cpu {
namespace {

struct Avx512Lanes {
  using F = __m512;
  using I = __m512i;

  // Lanes whose number has the bit Half become a sum of two lanes of b, the others of two of a.
  template <int kHalf>
  [[gnu::always_inline]] static inline F fold(F a, F b) {
    constexpr __mmask16 kOfB = kHalf == 8   ? 0xff00
                               : kHalf == 4 ? 0xf0f0
                               : kHalf == 2 ? 0xcccc
                                            : 0xaaaa;
    // Of a[l + Half], or b[l - Half].
    static constexpr auto kPlaces = [] {
      struct {
        alignas(64) int32_t of[16];
      } places{};
      for (int l = 0; l < 16; ++l) places.of[l] = l & kHalf ? 16 + l - kHalf : l + kHalf;
      return places;
    }();
    return _mm512_add_ps(_mm512_mask_blend_ps(kOfB, a, b),
                         _mm512_permutex2var_ps(a, _mm512_load_si512(kPlaces.of), b));
  }

  /// Lane i: the sum of the lanes of v[i], halves of the vector first.
  [[gnu::always_inline]] static inline F sum_each(F (&v)[16]) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) v[i] = fold<8>(v[i], v[i + 8]);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) v[i] = fold<4>(v[i], v[i + 4]);
    v[0] = fold<2>(v[0], v[2]);
    v[1] = fold<2>(v[1], v[3]);
    return fold<1>(v[0], v[1]);
  }

  /// Transposes a 16 x 16 matrix of 32-bit values.
  [[gnu::always_inline]] static inline void transpose(I (&r)[16]) {
    I t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
      t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
      r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
      r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
      r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
    // Lane l of r[4 i + j] is now column 4 l + j of rows 4 i to 4 i + 3: transpose the lanes.
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      t[j] = _mm512_shuffle_i32x4(r[j], r[j + 4], 0x88);
      t[j + 4] = _mm512_shuffle_i32x4(r[j], r[j + 4], 0xdd);
      t[j + 8] = _mm512_shuffle_i32x4(r[j + 8], r[j + 12], 0x88);
      t[j + 12] = _mm512_shuffle_i32x4(r[j + 8], r[j + 12], 0xdd);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      r[j] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0x88);
      r[j + 8] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0xdd);
      r[j + 4] = _mm512_shuffle_i32x4(t[j + 4], t[j + 12], 0x88);
      r[j + 12] = _mm512_shuffle_i32x4(t[j + 4], t[j + 12], 0xdd);
    }
  }
  [[gnu::always_inline]] static inline void transpose(F (&r)[16]) {
    I bits[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) bits[i] = _mm512_castps_si512(r[i]);
    transpose(bits);
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) r[i] = _mm512_castsi512_ps(bits[i]);
  }
};

}  // namespace
}  // namespace mlxa::cpu
