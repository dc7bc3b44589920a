// Prefill tiles in AVX-512 VNNI: 12 rows of x by two vectors of columns.
//
// Dots and float instructions share two ports, so what counts is how few instructions surround the
// eight dots that a sum of 32 products takes. Here these are two: the sums start at kMagic, the
// bits of a float whose last mantissa bit stands for 1, so that a finished sum is the bits of the
// float kMagicSum + sum. One fused multiply-add takes kMagicSum away while it multiplies by the
// scale of the activations (exactly: kScaleMask leaves room for the product with kMagicSum), a
// second one multiplies by the scale of the weights and adds. Biases cost one more for each weight
// group, ahead of everything else. The sums of the tile wait in the L1 cache meanwhile, so that 24
// registers are free for the dots.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/float_formats.h"
#include "backend/cpu/kernels/prefill_fast.h"

namespace mlxa::cpu {
namespace {

template <class V>
class Avx512Tiles {
 public:
  using F = __m512;
  using I = __m512i;
  static constexpr int kTile = 32;
  static constexpr int kStepBytes = 4 * kTile;

  Avx512Tiles(const FastPanel<V>& panel, const FastBlock& block)
      : panel_(panel), block_(block), rows_(*static_cast<RowBlock*>(panel.rows)) {
    for (auto& row : rows_.magic) row[0] = row[1] = kMagic;
  }

  static void store_step(uint8_t* step, int half, I codes) {
    _mm512_store_si512(step + 64 * half, codes);
  }

  /// Adds the products of rows [0, m) to y, or puts them there for k = 0.
  void run(int64_t m, float* y) const {
    const int64_t parts = block_.x.parts;
    for (int64_t at = 0; at < m * parts;) {
      const int64_t left = m * parts - at;
      float* const out = y + at / parts * block_.ldy;
      if (left >= kMostRows && left != 16) {
        at += rows<kMostRows>(at, out);
      } else if (left >= 8) {
        at += rows<8>(at, out);
      } else if (left >= 4) {
        at += rows<4>(at, out);
      } else if (left >= 2) {
        at += rows<2>(at, out);
      } else {
        at += rows<1>(at, out);
      }
    }
  }

 private:
  static constexpr int kMostRows = 12;
  static_assert(V::kGroup * 255 * 127 < 1 << 22);
  static constexpr int kSteps = V::kGroup / 4;
  static constexpr int kGroups = kFastBlock / V::kGroup;

  // Rows of x over the block of k, at fixed distances that no two of them share in a cache set.
  struct RowBlock {
    alignas(64) int8_t q[kMostRows][kFastBlock + 64];
    alignas(64) float scale[kMostRows][kGroups + 16];
    alignas(64) float offset[kMostRows][kGroups + 16];  // -kMagicSum * scale
    alignas(64) float sum[kMostRows][kGroups + 16];     // by weight group
    int32_t magic[kMostRows][2];  // in memory, since a load is cheaper than a copy of a register
  };
  static_assert(sizeof(RowBlock) <= V::kTileRowBytes);
  struct Sums {
    alignas(64) float at[kMostRows][kTile];
  };

  template <int kRows>
  int64_t rows(int64_t m, float* y) const {
    const int parts = block_.x.parts;
    for (int r = 0; r < kRows; ++r) load_row(m + r, r);
    for (int tile = 0; tile * kTile < block_.columns; ++tile) {
      const int left = block_.columns - tile * kTile;
      const int width = left < kTile ? left : kTile;
      Sums sums;
      add_biases<kRows>(panel_.biases + tile * kTile, y + tile * kTile, width, sums);
      add_products<kRows>(panel_.codes + tile * (block_.steps() * kStepBytes),
                          panel_.scales + tile * kTile, sums);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; r += parts) {
        F row[2] = {_mm512_load_ps(sums.at[r]), _mm512_load_ps(sums.at[r] + 16)};
        if (parts == 2) {
          row[0] = _mm512_add_ps(row[0], _mm512_load_ps(sums.at[r + 1]));
          row[1] = _mm512_add_ps(row[1], _mm512_load_ps(sums.at[r + 1] + 16));
        }
        TileRow<Avx512>::store(y + tile * kTile + r / parts * block_.ldy, width, row);
      }
    }
    return kRows;
  }

  void load_row(int64_t m, int r) const {
    const int64_t groups = block_.whole_k / V::kGroup;
    const int count = static_cast<int>(block_.count);
    std::memcpy(rows_.q[r], block_.x.q + m * block_.whole_k + block_.k, count);
    const float* scales = block_.x.scales + m * groups + block_.k / V::kGroup;
    const float* sums = block_.x.sums + m * groups + block_.k / V::kGroup;
    for (int g = 0; g < count / V::kGroup; g += 16) {
      const int left = count / V::kGroup - g;
      const F scale = Avx512::load_first(scales + g, left);
      _mm512_store_ps(rows_.scale[r] + g, scale);
      _mm512_store_ps(rows_.offset[r] + g, _mm512_mul_ps(scale, _mm512_set1_ps(-kMagicSum)));
      add_neighbours(Avx512::load_first(sums + g, left), rows_.sum[r] + g / block_.repeat);
    }
  }

  // Sums of 1, 2 or 4 values each, at the start of a vector.
  void add_neighbours(F x, float* out) const {
    const I even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14);
    for (int n = 1; n < block_.repeat; n *= 2) {
      x = _mm512_add_ps(x, _mm512_permute_ps(x, 0xb1));
      x = _mm512_permutexvar_ps(even, x);
    }
    _mm512_storeu_ps(out, x);
  }

  template <int kRows>
  [[gnu::noinline]] void add_biases(const float* biases, const float* y, int width,
                                    Sums& out) const {
    F c[kRows][2];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) c[r][0] = c[r][1] = _mm512_setzero_ps();
    const int parts = block_.x.parts;
    if (block_.k > 0) {
#pragma GCC unroll 16
      for (int r = 0; r < kRows; r += parts) {
        TileRow<Avx512>::load(y + r / parts * block_.ldy, width, c[r]);
      }
    }
    const float* sums = rows_.sum[0];
    const int64_t groups = block_.count / (V::kGroup * block_.repeat);
    for (int64_t g = 0; g < groups; ++g, ++sums, biases += kPanel) {
      const F b0 = _mm512_loadu_ps(biases), b1 = _mm512_loadu_ps(biases + 16);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const F sum = _mm512_set1_ps(sums[r * (kGroups + 16)]);
        c[r][0] = _mm512_fmadd_ps(b0, sum, c[r][0]);
        c[r][1] = _mm512_fmadd_ps(b1, sum, c[r][1]);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      _mm512_store_ps(out.at[r], c[r][0]);
      _mm512_store_ps(out.at[r] + 16, c[r][1]);
    }
  }

  template <int kRows>
  [[gnu::noinline]] void add_products(const uint8_t* codes, const float* scales, Sums& sums) const {
    const int8_t* q = rows_.q[0];
    const float* x_scales = rows_.scale[0];
    const float* x_offsets = rows_.offset[0];
    const int repeat = block_.repeat;
    int left = repeat;
    for (int64_t g = block_.count / V::kGroup; g > 0; --g) {
      __asm__ volatile("" ::: "memory");  // or sums would crowd the dots out of the registers
      I dots[kRows][2];
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        dots[r][0] = _mm512_set1_epi32(rows_.magic[r][0]);
        dots[r][1] = _mm512_set1_epi32(rows_.magic[r][1]);
      }
#pragma GCC unroll 8
      for (int step = 0; step < kSteps; ++step) {
        const I w0 = _mm512_load_si512(codes + step * kStepBytes);
        const I w1 = _mm512_load_si512(codes + step * kStepBytes + 64);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) {
          int32_t four;
          std::memcpy(&four, q + r * (kFastBlock + 64) + 4 * step, sizeof four);
          const I values = _mm512_set1_epi32(four);
          dots[r][0] = _mm512_dpbusd_epi32(dots[r][0], w0, values);
          dots[r][1] = _mm512_dpbusd_epi32(dots[r][1], w1, values);
        }
      }
      const F s0 = _mm512_loadu_ps(scales), s1 = _mm512_loadu_ps(scales + 16);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const F scale = _mm512_set1_ps(x_scales[r * (kGroups + 16)]);
        const F offset = _mm512_set1_ps(x_offsets[r * (kGroups + 16)]);
        float* const c = sums.at[r];
        const F t0 = _mm512_fmadd_ps(_mm512_castsi512_ps(dots[r][0]), scale, offset);
        const F t1 = _mm512_fmadd_ps(_mm512_castsi512_ps(dots[r][1]), scale, offset);
        _mm512_store_ps(c, _mm512_fmadd_ps(t0, s0, _mm512_load_ps(c)));
        _mm512_store_ps(c + 16, _mm512_fmadd_ps(t1, s1, _mm512_load_ps(c + 16)));
      }
      codes += kSteps * kStepBytes;
      q += V::kGroup;
      ++x_scales;
      ++x_offsets;
      if (--left == 0) {
        left = repeat;
        scales += kPanel;
      }
    }
  }

  const FastPanel<V>& panel_;
  const FastBlock& block_;
  RowBlock& rows_;
};

}  // namespace

/// Codes of all widths and formats are bytes in a panel.
template <int kBits>
struct FastTiles<Avx512, kBits> : Avx512Tiles<Avx512> {
  using Avx512Tiles<Avx512>::Avx512Tiles;
};
template <int kBits>
struct FastTiles<Mxfp4<Avx512>, kBits> : Avx512Tiles<Mxfp4<Avx512>> {
  using Avx512Tiles<Mxfp4<Avx512>>::Avx512Tiles;
};
template <int kBits>
struct FastTiles<Nvfp4<Avx512>, kBits> : Avx512Tiles<Nvfp4<Avx512>> {
  using Avx512Tiles<Nvfp4<Avx512>>::Avx512Tiles;
};

}  // namespace mlxa::cpu
