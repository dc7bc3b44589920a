// Panels of weights for the tiles of AMX: 16 columns (rows of W) by 32 k's at a time, as bfloat16.
//
// A tile is 16 rows of 16 pairs of k, a pair for each column. Which k's make a pair is whatever
// unpacks most cheaply, within 32; activations are stored in the same order (kTileOrder).
//
// Codes of affine weights become small numbers plus an offset that the biases take away again:
// the bits of a code, below those of 2^bits, are the bfloat16 2^bits + code. Codes of 8 bits
// become code - 128. The other formats' numbers times their scales have at most 8 bits.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/code_order.h"
#include "backend/cpu/kernels/float_codes.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {
namespace {

/// Where the 32 elements of a step go: position 2 * row + half holds element of[2 * row + half].
struct TileOrder {
  alignas(64) uint16_t of[32];
};

constexpr TileOrder make_tile_order(int bits) {
  TileOrder out{};
  for (int row = 0; row < 16; ++row) {
    for (int half = 0; half < 2; ++half) {
      // Codes of 4 bits come as 32-bit parts of eight, others as four bytes, of two vectors.
      const int code = bits == 4
                           ? row / 4 * 8 + row % 4 + 4 * half
                           : code_in_lane(bits, row / 8, row % 8 / 2 * 4 + row % 2 + 2 * half);
      out.of[2 * row + half] = static_cast<uint16_t>(code);
    }
  }
  return out;
}

template <int kBits>
inline constexpr TileOrder kTileOrder = make_tile_order(kBits);

/// (a & b) | c, bit by bit.
inline __m512i and_or(__m512i a, __m512i b, __m512i c) {
  return _mm512_ternarylogic_epi32(a, b, c, 0xea);
}

/// Two float32 that are bfloat16, as a pair.
inline __m512i join(__m512i low, __m512i high) {
  constexpr int kSelect = 0xd8;  // c ? b : a
  return _mm512_ternarylogic_epi32(_mm512_srli_epi32(low, 16), high,
                                   _mm512_set1_epi32(static_cast<int>(0xffff0000)), kSelect);
}

/// Pairs of bfloat16 from affine codes.
template <int kBitsPerCode>
struct AffineTiles : Avx512 {
  static constexpr int kBits = kBitsPerCode;
  static constexpr bool kFolds = true;  // sums are scaled group by group
  static constexpr int kOffset = kBits == 8 ? -128 : 1 << kBits;

  /// Of eight codes of 4 bits in each 32-bit part: codes `pair` and pair + 4.
  template <int kPair>
  static I pair_of_nibbles(I d, const F*) {
    const I at = kPair == 0 ? _mm512_slli_epi32(d, 3) : _mm512_srli_epi32(d, 4 * kPair - 3);
    return with_exponent(at, 0x0078, 0x4180);
  }
  /// Of four bytes: those at kPair and kPair + 2.
  template <int kPair>
  static I pair_of_bytes(I d, const F*) {
    if constexpr (kBits == 8) {
      const I low = centred(_mm512_srli_epi32(d, 8 * kPair));
      return join(low, centred(_mm512_srli_epi32(d, 8 * kPair + 16)));
    } else {
      constexpr int kUp = 7 - kBits;
      constexpr int kShift = 8 * kPair - kUp;
      const I at = kShift < 0 ? _mm512_slli_epi32(d, -kShift) : _mm512_srli_epi32(d, kShift);
      return with_exponent(at, (0x7f << kUp) & 0x7f, (127 + kBits) << 7);
    }
  }

  static void factors(const WeightRow& row, int64_t first, int64_t count, F& scales, F& biases) {
    load_factors<Avx512, kBits>(row, row.type, first, count, false, scales, biases);
    biases = fma(scales, set1(-kOffset), biases);
  }

 private:
  // The 16-bit parts under `mask`, with the bits of an exponent.
  static I with_exponent(I x, int mask, int bits) {
    return and_or(x, _mm512_set1_epi32(mask << 16 | mask), _mm512_set1_epi32(bits << 16 | bits));
  }
  // The lowest byte less 128 as a float32.
  static I centred(I d) {
    const I bits = and_or(d, _mm512_set1_epi32(0xff), _mm512_set1_epi32(0x4b000000));
    return _mm512_castps_si512(_mm512_sub_ps(_mm512_castsi512_ps(bits), set1(8388608.0f + 128)));
  }
};

/// Pairs of numbers times their scales.
struct FloatTiles : Avx512 {
  static constexpr bool kFolds = false;

  static I scaled(I pair, F scale) {
    const F low = _mm512_castsi512_ps(_mm512_slli_epi32(pair, 16));
    const I mask = _mm512_set1_epi32(static_cast<int>(0xffff0000));
    const F high = _mm512_castsi512_ps(_mm512_and_si512(pair, mask));
    return join(_mm512_castps_si512(_mm512_mul_ps(low, scale)),
                _mm512_castps_si512(_mm512_mul_ps(high, scale)));
  }
};

/// E2M1 codes as bfloat16, twice.
struct E2M1Table {
  alignas(64) uint16_t of[32];
  constexpr E2M1Table() : of{} {
    constexpr uint16_t kMagnitudes[8] = {0, 0x3f00, 0x3f80, 0x3fc0, 0x4000, 0x4040, 0x4080, 0x40c0};
    for (int i = 0; i < 32; ++i) {
      of[i] = static_cast<uint16_t>(kMagnitudes[i % 8] | (i % 16 < 8 ? 0 : 0x8000));
    }
  }
};
inline constexpr E2M1Table kE2M1Table{};

template <bool kNvfp4>
struct E2M1Tiles : FloatTiles {
  static constexpr int kBits = 4;

  template <int kPair>
  static I pair_of_nibbles(I d, const F* scale) {
    const I codes =
        _mm512_and_si512(_mm512_srli_epi32(d, 4 * kPair), _mm512_set1_epi32(0x000f000f));
    return scaled(_mm512_permutexvar_epi16(codes, load_bytes(kE2M1Table.of)), *scale);
  }

  static void factors(const WeightRow& row, int64_t first, int64_t count, F& scales, F& biases) {
    alignas(64) uint8_t codes[kFloats] = {};
    std::memcpy(codes, row.scales + first, count < kFloats ? count : kFloats);
    scales = kNvfp4 ? mul(e4m3(codes), set1(256.0f)) : e8m0(codes);
    biases = zero();
  }
};

/// The subnormal numbers of E4M3 as bfloat16.
struct SmallE4M3 {
  alignas(64) uint16_t of[32] = {0, 0x3b00, 0x3b80, 0x3bc0, 0x3c00, 0x3c20, 0x3c40, 0x3c60};
};
inline constexpr SmallE4M3 kSmallE4M3{};

struct E4M3Tiles : FloatTiles {
  static constexpr int kBits = 8;

  template <int kPair>
  static I pair_of_bytes(I d, const F* scale) {
    const I codes = kPair == 0 ? d : _mm512_srli_epi32(d, 8);
    const I size = _mm512_and_si512(_mm512_slli_epi16(codes, 4), _mm512_set1_epi16(0x07f0));
    I value = _mm512_add_epi16(size, _mm512_set1_epi16(120 << 7));
    const __mmask32 small = _mm512_testn_epi16_mask(codes, _mm512_set1_epi16(0x78));
    value = _mm512_mask_permutexvar_epi16(value, small, codes, load_bytes(kSmallE4M3.of));
    const __mmask32 nan = _mm512_cmpeq_epi16_mask(size, _mm512_set1_epi16(0x07f0));
    value = _mm512_mask_mov_epi16(value, nan, _mm512_set1_epi16(0x7fc0));
    const I sign = _mm512_set1_epi16(static_cast<int16_t>(0x8000));
    return scaled(and_or(_mm512_slli_epi16(codes, 8), sign, value), *scale);
  }

  static void factors(const WeightRow& row, int64_t first, int64_t count, F& scales, F& biases) {
    E2M1Tiles<false>::factors(row, first, count, scales, biases);
  }
};

/// A panel in the caller's scratch, and the sums of its columns for up to kRows rows of x. All of
/// it stays in the L2 cache, and what 32 rows and 32 columns need of it at a time in the L1 cache.
struct TilePanel {
  static constexpr int64_t kColumns = 256;
  static constexpr int64_t kRows = 512;
  static constexpr int64_t kBlock = 256;         ///< k's of codes
  static constexpr int64_t kFactorBlock = 1024;  ///< k's of scales; no group straddles blocks
  static constexpr int64_t kTileBytes = 1024;
  static constexpr int64_t kMostGroups = kFactorBlock / 16;
  static constexpr int64_t kTiles = kColumns / 16;  ///< of columns

  alignas(64) uint8_t codes[kTiles][kBlock / 32][kTileBytes];
  float scales[kTiles][kMostGroups][16];
  float biases[kTiles][kMostGroups][16];
  float sums[kRows / 32][kTiles][32][16];

  /// Scales and biases of a block of k, for `columns` rows of W from n on.
  template <class Format>
  void fill_factors(const QuantizedMatrix& w, int64_t n, int64_t columns, int64_t k,
                    int64_t count) {
    const int64_t first = k / w.group_size, groups = count / w.group_size;
    const int64_t all = w.k / w.group_size;
    for (int64_t tile = 0; tile * 16 < columns; ++tile) {
      const int64_t rows = columns - tile * 16;
      for (int64_t g = 0; g < groups; g += 16) {
        __m512 scale[16], bias[16];
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i) {
          scale[i] = bias[i] = _mm512_setzero_ps();
          if (i >= rows) continue;
          const WeightRow row = weight_row(w, n + tile * 16 + i);
          Format::factors(row, first + g, all - first - g, scale[i], bias[i]);
        }
        Avx512::transpose(scale);
        if (Format::kFolds) Avx512::transpose(bias);
#pragma GCC unroll 16
        for (int i = 0; i < 16; ++i) {
          _mm512_store_ps(scales[tile][g + i], scale[i]);
          if (Format::kFolds) _mm512_store_ps(biases[tile][g + i], bias[i]);
        }
      }
    }
  }

  /// Codes of a block of k, `within` its block of scales.
  template <class Format>
  void fill_codes(const QuantizedMatrix& w, int64_t n, int64_t columns, int64_t k, int64_t count,
                  int64_t within) {
    for (int64_t tile = 0; tile * 16 < columns; ++tile) {
      const int64_t rows = columns - tile * 16;
      fill_tiles<Format>(w, n + tile * 16, static_cast<int>(rows < 16 ? rows : 16), k, count,
                         scales[tile][within / w.group_size], codes[tile]);
    }
  }

 private:
  template <class Format>
  static void fill_tiles(const QuantizedMatrix& w, int64_t n, int rows, int64_t k, int64_t count,
                         const float* factors, uint8_t (*out)[kTileBytes]) {
    constexpr int kUnit = Avx512::kUnit, kUnitBytes = kUnit * Format::kBits / 8;
    const int64_t stride = w.k * Format::kBits / 8;
    const uint8_t* first = w.weight + n * stride + k * Format::kBits / 8;
    for (int64_t at = 0; at < count; at += kUnit, out += 4) {
      const int64_t left = count - at;
      const uint8_t* packed[16];
      alignas(64) uint8_t padded[16][kUnitBytes];
      for (int i = 0; i < 16; ++i) {
        packed[i] = first + i * stride + at * Format::kBits / 8;
        if (i < rows && left >= kUnit) continue;
        std::memset(padded[i], 0, kUnitBytes);
        if (i < rows) std::memcpy(padded[i], packed[i], left * Format::kBits / 8);
        packed[i] = padded[i];
      }
      const int64_t steps = left >= kUnit ? 4 : (left + 31) / 32;
      unpack<Format>(packed, factors + at / w.group_size * 16, w.group_size, steps, out[0]);
    }
  }

  // A unit of 16 rows of W: `steps` tiles.
  template <class Format>
  static void unpack(const uint8_t* const (&packed)[16], const float* scales, int group_size,
                     int64_t steps, uint8_t* out) {
    constexpr int kVectors = Format::kBits == 4 ? 1 : 2;
    __m512i u[kVectors][16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      if constexpr (Format::kBits == 4) {
        u[0][i] = _mm512_loadu_si512(packed[i]);
      } else {
        Avx512::unpack<Format::kBits>(packed[i], u[0][i], u[1][i]);
      }
    }
    for (int v = 0; v < kVectors; ++v) {
      Avx512::transpose(u[v]);
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) {
        const int step = i / 4, part = i % 4;
        if (step >= steps) break;
        uint8_t* tile = out + step * kTileBytes;
        if constexpr (Format::kBits == 4) {
          const int k = 32 * step + 8 * part;
          const __m512 scale = _mm512_load_ps(scales + k / group_size * 16);
          store(tile, 4 * part, Format::template pair_of_nibbles<0>(u[0][i], &scale));
          store(tile, 4 * part + 1, Format::template pair_of_nibbles<1>(u[0][i], &scale));
          store(tile, 4 * part + 2, Format::template pair_of_nibbles<2>(u[0][i], &scale));
          store(tile, 4 * part + 3, Format::template pair_of_nibbles<3>(u[0][i], &scale));
        } else {
          const __m512 scale = _mm512_load_ps(scales + 32 * step / group_size * 16);
          const int row = 8 * v + 2 * part;
          store(tile, row, Format::template pair_of_bytes<0>(u[v][i], &scale));
          store(tile, row + 1, Format::template pair_of_bytes<1>(u[v][i], &scale));
        }
      }
    }
  }

  static void store(uint8_t* tile, int row, __m512i pairs) {
    _mm512_store_si512(tile + 64 * row, pairs);
  }
};

}  // namespace
}  // namespace mlxa::cpu
