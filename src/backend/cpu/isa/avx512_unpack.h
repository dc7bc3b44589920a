// Blocks of 16 groups of 32 codes in AVX-512, unpacked so that every 32-bit part of the vectors of
// bytes belongs to one group.
//
// Permutations and shifts of bits go through one port, as many as there are of everything else on
// the other: what counts is how few bring the codes to their places. So 32-bit or 64-bit windows of
// the groups are gathered first and unpacked where they lie.
#pragma once

#include <cstdint>

#include <immintrin.h>

#include "backend/cpu/kernels/code_order.h"

namespace mlxa::cpu {
namespace {

/// Multiplied with bytes as matrices of bits, takes `bits` of each from bit `shift` on.
constexpr int64_t taken_bits(int shift, int bits) {
  uint64_t rows = 0;
  for (int i = 0; i < bits; ++i) rows |= uint64_t{1} << (i + shift) << 8 * (7 - i);
  return static_cast<int64_t>(rows);
}

template <int kShift, int kBits>
[[gnu::always_inline]] inline __m512i take_bits(__m512i bytes) {
  return _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(taken_bits(kShift, kBits)), 0);
}

/// Gathers 32-bit parts of three loads: of the first two, then of the last, which begins `kLast`
/// parts behind the first.
template <int kLast>
struct ThreeLoads {
  alignas(64) int32_t of_two[16];
  alignas(64) int32_t of_last[16];
  uint16_t last;  // lanes

  constexpr void take(int lane, int part) {
    const bool beyond = part >= 32;
    of_two[lane] = beyond ? 0 : part;
    of_last[lane] = beyond ? part - kLast : 0;
    if (beyond) last = static_cast<uint16_t>(last | 1u << lane);
  }
  [[gnu::always_inline]] inline __m512i gather(__m512i a, __m512i b, __m512i c) const {
    const __m512i two = _mm512_permutex2var_epi32(a, _mm512_load_si512(of_two), b);
    return _mm512_mask_permutexvar_epi32(two, last, _mm512_load_si512(of_last), c);
  }
};

/// Where in each 64-bit part the eight codes begin that its bytes are made of: one after another
/// from bit `first` on, or (`half` 32) four in each half, from its bit `first` on.
struct BitPlaces {
  alignas(64) uint8_t of[64];
  constexpr BitPlaces(int bits, int first, int half) : of{} {
    for (int i = 0; i < 64; ++i) {
      const int code = half ? i % 4 : i % 8;
      of[i] = static_cast<uint8_t>(first + code * bits + (i % 8 / 4) * half);
    }
  }
  [[gnu::always_inline]] inline __m512i shift(__m512i x) const {
    return _mm512_multishift_epi64_epi8(_mm512_load_si512(of), x);
  }
};

// 2 bits: a group is two 32-bit parts.
struct PairTables {
  alignas(64) int32_t of_half[2][16];
  constexpr PairTables() : of_half{} {
    for (int i = 0; i < 16; ++i) {
      for (int half = 0; half < 2; ++half) of_half[half][i] = 2 * group_of_part(i, 4) + half;
    }
  }
};

[[gnu::always_inline]] inline void unpack_2_bits(const uint8_t* p, __m512i (&u)[8]) {
  static constexpr PairTables kTables;
  const __m512i a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 64);
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    const __m512i codes = _mm512_permutex2var_epi32(a, _mm512_load_si512(kTables.of_half[half]), b);
    u[half] = _mm512_and_si512(codes, _mm512_set1_epi8(3));
    u[2 + half] = take_bits<2, 2>(codes);
    u[4 + half] = take_bits<4, 2>(codes);
    u[6 + half] = take_bits<6, 2>(codes);
  }
}

// 3 bits: a group is three 32-bit parts. Their bits from 0, 16, 48 and 64 on, 32 of them, hold
// eight whole codes each, four from one bit on and four from another.
struct ThirdsTables {
  ThreeLoads<32> of[3];
  constexpr ThirdsTables() : of{} {
    for (int i = 0; i < 16; ++i) {
      for (int part = 0; part < 3; ++part) of[part].take(i, 3 * group_of_part(i, 4) + part);
    }
  }
};

[[gnu::always_inline]] inline void unpack_3_bits(const uint8_t* p, __m512i (&u)[8]) {
  static constexpr ThirdsTables kTables;
  static constexpr BitPlaces kPlaces[4] = {{3, 0, 32}, {3, 12, 32}, {3, 8, 32}, {3, 20, 32}};
  const __m512i a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 64),
                c = _mm512_loadu_si512(p + 128);
  __m512i parts[3];
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) parts[i] = kTables.of[i].gather(a, b, c);
  const __m512i windows[4] = {parts[0], _mm512_shrdi_epi32(parts[0], parts[1], 16),
                              _mm512_shrdi_epi32(parts[1], parts[2], 16), parts[2]};
#pragma GCC unroll 8
  for (int v = 0; v < 8; ++v) {
    u[v] =
        _mm512_and_si512(kPlaces[v / 2 % 2 * 2 + v % 2].shift(windows[v / 2]), _mm512_set1_epi8(7));
  }
}

// 5 and 6 bits: eight groups at a time, of each 64 bits that hold eight codes. The lower halves of
// two times eight such parts are a vector, the upper ones the next.
template <int kBits>
struct EightsOf {
  static constexpr int kBytes = 32 * kBits;  // of eight groups
  static constexpr int kLast = kBytes / 4 - 16;
  static constexpr int kFirstBit[4] = {0, 8 * kBits % 32, 16 * kBits % 32, 24 * kBits % 32};
  ThreeLoads<kLast> of[4];
  constexpr EightsOf() : of{} {
    for (int j = 0; j < 4; ++j) {
      for (int i = 0; i < 8; ++i) {
        const int group = i / 2 + i % 2 * 4;
        const int part = group * kBits + 8 * kBits * j / 32;
        of[j].take(2 * i, part);
        of[j].take(2 * i + 1, part + 1);
      }
    }
  }
};

template <int kBits>
[[gnu::always_inline]] inline void unpack_eights(const uint8_t* p, __m512i (&u)[8]) {
  using Tables = EightsOf<kBits>;
  static constexpr Tables kTables;
  static constexpr BitPlaces kPlaces[4] = {{kBits, Tables::kFirstBit[0], 0},
                                           {kBits, Tables::kFirstBit[1], 0},
                                           {kBits, Tables::kFirstBit[2], 0},
                                           {kBits, Tables::kFirstBit[3], 0}};
  const __m512i mask = _mm512_set1_epi8((1 << kBits) - 1);
  __m512i loads[2][3];
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    const uint8_t* const from = p + half * Tables::kBytes;
    loads[half][0] = _mm512_loadu_si512(from);
    loads[half][1] = _mm512_loadu_si512(from + 64);
    loads[half][2] = _mm512_loadu_si512(from + Tables::kBytes - 64);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    __m512 eights[2];
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      const auto& [a, b, c] = loads[half];
      eights[half] = _mm512_castsi512_ps(kPlaces[j].shift(kTables.of[j].gather(a, b, c)));
    }
    const __m512 lower = _mm512_shuffle_ps(eights[0], eights[1], 0x88);
    const __m512 upper = _mm512_shuffle_ps(eights[0], eights[1], 0xdd);
    u[2 * j] = _mm512_and_si512(_mm512_castps_si512(lower), mask);
    u[2 * j + 1] = _mm512_and_si512(_mm512_castps_si512(upper), mask);
  }
}

}  // namespace
}  // namespace mlxa::cpu
