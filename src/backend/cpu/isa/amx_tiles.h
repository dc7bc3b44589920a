// Products in the tiles of AMX: 16 rows of x by 16 columns by 32 k's an instruction.
//
// Tiles 0 to 3 hold sums, 4 and 5 rows of x, 6 and 7 weights. Formats whose scales are in the panel
// are summed up in tiles over a block of k, 32 rows by 32 columns. Affine weights are summed up
// over a group, 32 rows by 16 columns, and then scaled and added in vectors while the next group's
// sums grow in the other two tiles. The instructions are written out, since compilers know tiles by
// literal numbers only.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/amx_panel.h"

namespace mlxa::cpu {
namespace {

template <int kTile>
[[gnu::always_inline]] inline void tile_zero() {
  __asm__ volatile("tilezero %%tmm%c0" : : "i"(kTile));
}
template <int kTile>
[[gnu::always_inline]] inline void tile_load(const void* p) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                   :
                   : "r"(p), "r"(int64_t{64}), "i"(kTile)
                   : "memory");
}
template <int kTile>
[[gnu::always_inline]] inline void tile_store(void* p) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                   :
                   : "r"(p), "r"(int64_t{64}), "i"(kTile)
                   : "memory");
}
template <int kSums, int kRows, int kWeights>
[[gnu::always_inline]] inline void tile_multiply() {
  __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0"
                   :
                   : "i"(kSums), "i"(kRows), "i"(kWeights));
}

/// All tiles are of 16 rows of 64 bytes, while it lives.
class TileShapes {
 public:
  TileShapes() {
    alignas(64) uint8_t shapes[64] = {1};
    for (int tile = 0; tile < 8; ++tile) {
      shapes[16 + 2 * tile] = 64;
      shapes[48 + tile] = 16;
    }
    __asm__ volatile("ldtilecfg %0" : : "m"(shapes) : "memory");
  }
  ~TileShapes() { __asm__ volatile("tilerelease"); }
  TileShapes(const TileShapes&) = delete;
  TileShapes& operator=(const TileShapes&) = delete;
};

template <class Format>
class TileProducts {
 public:
  static void run(const QuantizedMatrix& w, const BFloat16Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    auto& panel = *static_cast<TilePanel*>(scratch);
    const TileShapes shapes;
    for (int64_t n = n_begin; n < n_end; n += TilePanel::kColumns) {
      const int64_t columns = least(n_end - n, TilePanel::kColumns);
      for (int64_t k = 0; k < w.k; k += TilePanel::kBlock) {
        const int64_t count = least(w.k - k, TilePanel::kBlock);
        panel.fill<Format>(w, n, columns, k, count);
        const TileProducts products(panel, w, x, k, count);
        for (int64_t row = 0; row < m; row += BFloat16Rows::kBlock) {
          products.rows(row, m - row, columns, y + row * ldy + n, ldy);
        }
      }
    }
  }

 private:
  static constexpr int64_t kStepBytes = 2048;  // of 32 rows of x

  static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

  TileProducts(const TilePanel& panel, const QuantizedMatrix& w, const BFloat16Rows& x, int64_t k,
               int64_t count)
      : panel_(panel),
        x_(x),
        parts_(x.parts),
        first_step_(k / 32),
        all_steps_(BFloat16Rows::steps(w.k)),
        steps_(BFloat16Rows::steps(count)),
        first_group_(k / w.group_size),
        all_groups_(w.k / w.group_size),
        groups_(count / w.group_size),
        group_steps_(w.group_size / 32) {}

  // Up to 32 rows of x from `row` on.
  void rows(int64_t row, int64_t left, int64_t columns, float* y, int64_t ldy) const {
    const auto* x = reinterpret_cast<const uint8_t*>(x_.values) +
                    (row / BFloat16Rows::kBlock * all_steps_ + first_step_) * parts_ * kStepBytes;
    const int count = static_cast<int>(least(left, BFloat16Rows::kBlock));
    if constexpr (Format::kFolds) {
      for (int64_t at = 0; at < columns; at += 16) {
        const int width = static_cast<int>(least(columns - at, 16));
        if (count > 16) {
          fold<2>(x, row, count, at / 16, width, y + at, ldy);
        } else {
          fold<1>(x, row, count, at / 16, width, y + at, ldy);
        }
      }
    } else {
      for (int64_t at = 0; at < columns; at += 32) {
        const int width = static_cast<int>(least(columns - at, 32));
        if (count > 16) {
          width > 16 ? sum<2, 2>(x, count, at / 16, width, y + at, ldy)
                     : sum<2, 1>(x, count, at / 16, width, y + at, ldy);
        } else {
          width > 16 ? sum<1, 2>(x, count, at / 16, width, y + at, ldy)
                     : sum<1, 1>(x, count, at / 16, width, y + at, ldy);
        }
      }
    }
  }

  bool first() const { return first_step_ == 0; }

  // kRows by kColumns tiles over the block of k.
  template <int kRows, int kColumns>
  [[gnu::noinline]] void sum(const uint8_t* x, int count, int64_t tile, int width, float* y,
                             int64_t ldy) const {
    const uint8_t* codes = panel_.codes[tile][0];
    constexpr int64_t kNext = sizeof(panel_.codes[0]);
    tile_zero<0>();
    if (kColumns > 1) tile_zero<1>();
    if (kRows > 1) tile_zero<2>();
    if (kRows > 1 && kColumns > 1) tile_zero<3>();
    for (int64_t step = 0; step < steps_; ++step, codes += TilePanel::kTileBytes) {
      tile_load<6>(codes);
      if (kColumns > 1) tile_load<7>(codes + kNext);
      for (int part = 0; part < parts_; ++part, x += kStepBytes) {
        tile_load<4>(x);
        tile_multiply<0, 4, 6>();
        if (kColumns > 1) tile_multiply<1, 4, 7>();
        if (kRows > 1) {
          tile_load<5>(x + 1024);
          tile_multiply<2, 5, 6>();
          if (kColumns > 1) tile_multiply<3, 5, 7>();
        }
      }
    }
    alignas(64) float sums[4][16][16];
    tile_store<0>(sums[0]);
    if (kColumns > 1) tile_store<1>(sums[1]);
    if (kRows > 1) tile_store<2>(sums[2]);
    if (kRows > 1 && kColumns > 1) tile_store<3>(sums[3]);
    for (int r = 0; r < count; ++r, y += ldy) {
      for (int c = 0; c < kColumns; ++c) {
        __m512 value = _mm512_load_ps(sums[r / 16 * 2 + c][r % 16]);
        const __mmask16 valid = Avx512::first(width - 16 * c);
        if (!first()) value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(valid, y + 16 * c));
        _mm512_mask_storeu_ps(y + 16 * c, valid, value);
      }
    }
  }

  // Sums of a group on the way from tiles to vectors, and totals.
  struct Sums {
    alignas(64) float of_group[2][32][16];
    alignas(64) float total[32][16];
  };

  // kTiles by one tile over the block of k, group by group.
  template <int kTiles>
  [[gnu::noinline]] void fold(const uint8_t* x, int64_t row, int count, int64_t tile, int width,
                              float* y, int64_t ldy) const {
    Sums sums;
    for (int at = 0; at < count; at += 16) {
      const int rows = count - at < 16 ? count - at : 16;
      add_biases(row + at, rows, tile, width, y + at * ldy, ldy, sums.total + at);
    }
    const uint8_t* codes = panel_.codes[tile][0];
    const float* scales = panel_.scales[tile][0];
    for (int64_t g = 0; g < groups_; g += 2) {
      add_group<0, kTiles>(x, codes);
      if (g > 0) add_scaled<1, kTiles>(sums, scales + (g - 1) * 16);
      if (g + 1 < groups_) add_group<1, kTiles>(x, codes);
      add_scaled<0, kTiles>(sums, scales + g * 16);
    }
    if (groups_ % 2 == 0) add_scaled<1, kTiles>(sums, scales + (groups_ - 1) * 16);
    const __mmask16 valid = Avx512::first(width);
    for (int r = 0; r < count; ++r) {
      _mm512_mask_storeu_ps(y + r * ldy, valid, _mm512_load_ps(sums.total[r]));
    }
  }

  // What totals of up to 16 rows begin with: the result so far and the biases.
  [[gnu::noinline]] void add_biases(int64_t row, int rows, int64_t tile, int width, const float* y,
                                    int64_t ldy, float (*totals)[16]) const {
    __m512 total[16];
    const __mmask16 valid = Avx512::first(width);
#pragma GCC unroll 16
    for (int r = 0; r < 16; ++r) {
      total[r] = _mm512_setzero_ps();
      if (!first() && r < rows) total[r] = _mm512_maskz_loadu_ps(valid, y + r * ldy);
    }
    // Rows that are missing repeat the last one.
    const float* sums[16];
    for (int r = 0; r < 16; ++r) {
      sums[r] = x_.sums + (row + (r < rows ? r : rows - 1)) * all_groups_ + first_group_;
    }
    for (int64_t g = 0; g < groups_; ++g) {
      const __m512 bias = _mm512_load_ps(panel_.biases[tile][g]);
#pragma GCC unroll 16
      for (int r = 0; r < 16; ++r) {
        total[r] = _mm512_fmadd_ps(bias, _mm512_set1_ps(sums[r][g]), total[r]);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < 16; ++r) _mm512_store_ps(totals[r], total[r]);
  }

  template <int kSet, int kTiles>
  [[gnu::always_inline]] inline void add_group(const uint8_t*& x, const uint8_t*& codes) const {
    tile_zero<2 * kSet>();
    if (kTiles > 1) tile_zero<2 * kSet + 1>();
    for (int64_t step = 0; step < group_steps_; ++step, codes += TilePanel::kTileBytes) {
      tile_load<6>(codes);
      for (int part = 0; part < parts_; ++part, x += kStepBytes) {
        tile_load<4>(x);
        tile_multiply<2 * kSet, 4, 6>();
        if (kTiles > 1) {
          tile_load<5>(x + 1024);
          tile_multiply<2 * kSet + 1, 5, 6>();
        }
      }
    }
  }

  template <int kSet, int kTiles>
  [[gnu::always_inline]] inline void add_scaled(Sums& sums, const float* scales) const {
    auto& group = sums.of_group[kSet];
    tile_store<2 * kSet>(group[0]);
    if (kTiles > 1) tile_store<2 * kSet + 1>(group[16]);
    const __m512 scale = _mm512_load_ps(scales);
#pragma GCC unroll 32
    for (int r = 0; r < 16 * kTiles; ++r) {
      const __m512 total = _mm512_load_ps(sums.total[r]);
      _mm512_store_ps(sums.total[r], _mm512_fmadd_ps(_mm512_load_ps(group[r]), scale, total));
    }
  }

  const TilePanel& panel_;
  const BFloat16Rows& x_;
  int parts_;
  int64_t first_step_, all_steps_, steps_;
  int64_t first_group_, all_groups_, groups_, group_steps_;
};

/// Rounds a row of x.
template <class Format>
struct TileRounding {
  static void run(const QuantizedMatrix& w, const float* x, int64_t m, const BFloat16Rows& out) {
    const __m512i order = Avx512::load_bytes(kTileOrder<Format::kBits>.of);
    const int64_t steps = BFloat16Rows::steps(w.k), groups = w.k / w.group_size;
    uint16_t* to = out.values + m / BFloat16Rows::kBlock * steps * out.parts * 1024 +
                   m % BFloat16Rows::kBlock * 32;
    for (int64_t step = 0, group = 0; step < steps;) {
      __m512 total = _mm512_setzero_ps();
      const int64_t end = Format::kFolds ? step + w.group_size / 32 : steps;
      for (; step < end; ++step) {
        __m512 low = _mm512_loadu_ps(x + step * 32);
        __m512 high =
            Avx512::load_first(x + step * 32 + 16, static_cast<int>(w.k - step * 32 - 16));
        for (int part = 0; part < out.parts; ++part, to += 1024) {
          const auto both = (__m512i)_mm512_cvtne2ps_pbh(high, low);
          _mm512_storeu_si512(to, _mm512_permutexvar_epi16(order, both));
          const __m512 kept_low = widen(_mm512_castsi512_si256(both));
          const __m512 kept_high = widen(_mm512_extracti64x4_epi64(both, 1));
          total = _mm512_add_ps(total, _mm512_add_ps(kept_low, kept_high));
          low = _mm512_sub_ps(low, kept_low);
          high = _mm512_sub_ps(high, kept_high);
        }
      }
      if (Format::kFolds) out.sums[m * groups + group++] = _mm512_reduce_add_ps(total);
    }
  }

 private:
  static __m512 widen(__m256i raw) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(raw), 16));
  }
};

}  // namespace
}  // namespace mlxa::cpu
