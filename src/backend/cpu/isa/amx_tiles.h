// Products in the tiles of AMX: 16 rows of x by 16 columns by 32 k's an instruction.
//
// Tiles 0 to 3 hold sums, 4 and 5 rows of x, 6 and 7 weights. Formats whose scales are in the panel
// are summed up in tiles, 32 rows by 32 columns. Affine weights are summed up over a group, 32 rows
// by 16 columns, and then scaled and added in vectors while the next group's sums grow in the other
// two tiles. The instructions are written out, since compilers know tiles by
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
    for (int64_t row = 0; row < m; row += TilePanel::kRows) {
      for (int64_t n = n_begin; n < n_end; n += TilePanel::kColumns) {
        const TileProducts products(panel, w, x, row, least(m - row, TilePanel::kRows), n,
                                    least(n_end - n, TilePanel::kColumns));
        products.multiply();
        products.store(y + row * ldy + n, ldy);
      }
    }
  }

 private:
  static constexpr int64_t kTileBytes = TilePanel::kTileBytes;
  static constexpr int64_t kStepBytes = 2 * kTileBytes;  // of 32 rows of x

  static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

  TileProducts(TilePanel& panel, const QuantizedMatrix& w, const BFloat16Rows& x, int64_t first_row,
               int64_t rows, int64_t n, int64_t columns)
      : panel_(panel),
        w_(w),
        n_(n),
        columns_(columns),
        rows_(rows),
        parts_(x.parts),
        group_steps_(w.group_size / 32),
        row_block_bytes_(BFloat16Rows::steps(w.k) * parts_ * kStepBytes),
        row_block_sums_(w.k / w.group_size * 32),
        x_(reinterpret_cast<const uint8_t*>(x.values) + first_row / 32 * row_block_bytes_),
        x_sums_(x.sums + first_row / 32 * row_block_sums_) {}

  // Leaves the sums in the panel.
  void multiply() const {
    const int64_t size = TilePanel::kBlock / parts_;  // as much of x, however many parts
    for (int64_t k = 0; k < w_.k; k += size) {
      const int64_t within = k % TilePanel::kFactorBlock;
      if (within == 0) {
        const int64_t count = least(w_.k - k, TilePanel::kFactorBlock);
        panel_.fill_factors<Format>(w_, n_, columns_, k, count);
      }
      const int64_t count = least(w_.k - k, size);
      panel_.fill_codes<Format>(w_, n_, columns_, k, count, within);
      for (int64_t row = 0; row < rows_; row += 32) block(row, k, count);
    }
  }

  void store(float* y, int64_t ldy) const {
    for (int64_t r = 0; r < rows_; ++r, y += ldy) {
      for (int64_t at = 0; at < columns_; at += 16) {
        const __m512 sum = _mm512_load_ps(panel_.sums[r / 32][at / 16][r % 32]);
        _mm512_mask_storeu_ps(y + at, Avx512::first(static_cast<int>(columns_ - at)), sum);
      }
    }
  }

  // Up to 32 rows of x over a block of k, all columns.
  void block(int64_t row, int64_t k, int64_t count) const {
    const int64_t steps = BFloat16Rows::steps(count);
    const Rows rows{x_ + row / 32 * row_block_bytes_ + k / 32 * parts_ * kStepBytes,
                    steps * parts_ * kStepBytes, row, k, count};
    const bool both = rows_ - row > 16;
    if constexpr (Format::kFolds) {
      if (k == 0) std::memset(panel_.sums[row / 32], 0, sizeof panel_.sums[0]);
      both ? add_groups<2>(rows) : add_groups<1>(rows);
    } else {
      auto& sums = panel_.sums[row / 32];
      for (int64_t tile = 0; tile * 16 < columns_; ++tile) {
        fetch(rows, tile);
        const bool pair = columns_ - tile * 16 > 16;
        if (both) {
          pair ? add_tiles<2, 2>(rows.x, steps, k == 0, tile, sums)
               : add_tiles<2, 1>(rows.x, steps, k == 0, tile, sums);
        } else {
          pair ? add_tiles<1, 2>(rows.x, steps, k == 0, tile, sums)
               : add_tiles<1, 1>(rows.x, steps, k == 0, tile, sums);
        }
        if (!pair) continue;
        fetch(rows, ++tile);
      }
    }
  }

  // Up to 32 rows of x over a block of k.
  struct Rows {
    const uint8_t* x;
    int64_t bytes;
    int64_t row, k, count;
  };

  // A tile's share of what comes next: the following rows of x, and codes.
  void fetch(const Rows& rows, int64_t tile) const {
    const int64_t share = rows.bytes / TilePanel::kTiles;
    fetch(rows.x + row_block_bytes_ + tile * share, share);
    fetch_codes(rows.row / 32 * TilePanel::kTiles + tile, rows.k + rows.count);
  }

  // Row `row` of the panel as far as the block at k needs it, or the next panel where there is
  // none.
  void fetch_codes(int64_t row, int64_t k) const {
    if (k >= w_.k) {
      row += TilePanel::kColumns;
      k = 0;
    }
    const int64_t bits = Format::kBits, at = ((n_ + row) * w_.k + k) * bits / 8;
    fetch(w_.weight + at, TilePanel::kBlock / parts_ * bits / 8 + 63);
  }

  // A prefetch may reach behind the end of what there is.
  static void fetch(const uint8_t* p, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(p + at, 0, 2);
  }

  // kRows by kColumns tiles over a block of k.
  template <int kRows, int kColumns>
  [[gnu::noinline]] void add_tiles(const uint8_t* x, int64_t steps, bool first, int64_t tile,
                                   float (*sums)[32][16]) const {
    const uint8_t* codes = panel_.codes[tile][0];
    constexpr int64_t kNext = sizeof(panel_.codes[0]);
    sums += tile;
    if (first) {
      tile_zero<0>();
      if (kColumns > 1) tile_zero<1>();
      if (kRows > 1) tile_zero<2>();
      if (kRows > 1 && kColumns > 1) tile_zero<3>();
    } else {
      tile_load<0>(sums[0][0]);
      if (kColumns > 1) tile_load<1>(sums[1][0]);
      if (kRows > 1) tile_load<2>(sums[0][16]);
      if (kRows > 1 && kColumns > 1) tile_load<3>(sums[1][16]);
    }
    for (int64_t step = 0; step < steps; ++step, codes += kTileBytes) {
      tile_load<6>(codes);
      if (kColumns > 1) tile_load<7>(codes + kNext);
      for (int part = 0; part < parts_; ++part, x += kStepBytes) {
        tile_load<4>(x);
        tile_multiply<0, 4, 6>();
        if (kColumns > 1) tile_multiply<1, 4, 7>();
        if (kRows > 1) {
          tile_load<5>(x + kTileBytes);
          tile_multiply<2, 5, 6>();
          if (kColumns > 1) tile_multiply<3, 5, 7>();
        }
      }
    }
    tile_store<0>(sums[0][0]);
    if (kColumns > 1) tile_store<1>(sums[1][0]);
    if (kRows > 1) tile_store<2>(sums[0][16]);
    if (kRows > 1 && kColumns > 1) tile_store<3>(sums[1][16]);
  }

  // Sums of two groups on the way from tiles to vectors.
  struct Groups {
    alignas(64) float of[2][32][16];
  };
  // One or two groups that are to be scaled and added.
  struct Pending {
    int groups;
    const float* scales;
    const float* biases;
    const float* x_sums;
    float (*sums)[16];
  };

  // kTiles by all tiles over a block of k, two groups at a time, which are added while the ones
  // after them are multiplied.
  template <int kTiles>
  [[gnu::noinline]] void add_groups(const Rows& rows) const {
    const int64_t first = rows.k % TilePanel::kFactorBlock / w_.group_size;
    const int64_t groups = rows.count / w_.group_size;
    const float* x_sums = x_sums_ + rows.row / 32 * row_block_sums_ + rows.k / w_.group_size * 32;
    Groups sums;
    Pending pending{};
    for (int64_t tile = 0; tile * 16 < columns_; ++tile) {
      fetch(rows, tile);
      const uint8_t *x = rows.x, *codes = panel_.codes[tile][0];
      for (int64_t g = 0; g < groups; g += 2) {
        multiply_group<0, kTiles>(x, codes);
        add_pending<kTiles>(sums, pending);
        const bool two = g + 1 < groups;
        if (two) multiply_group<1, kTiles>(x, codes);
        store_group<0, kTiles>(sums);
        pending = {two ? 2 : 1, panel_.scales[tile][first + g], panel_.biases[tile][first + g],
                   x_sums + g * 32, panel_.sums[rows.row / 32][tile]};
      }
    }
    add_pending<kTiles>(sums, pending);
  }

  template <int kTiles>
  [[gnu::always_inline]] static inline void add_pending(Groups& sums, const Pending& pending) {
    if (pending.groups == 2) {
      store_group<1, kTiles>(sums);
      add_scaled<2, kTiles>(sums, pending);
    } else if (pending.groups == 1) {
      add_scaled<1, kTiles>(sums, pending);
    }
  }

  template <int kSet, int kTiles>
  [[gnu::always_inline]] inline void multiply_group(const uint8_t*& x,
                                                    const uint8_t*& codes) const {
    tile_zero<2 * kSet>();
    if (kTiles > 1) tile_zero<2 * kSet + 1>();
    for (int64_t step = 0; step < group_steps_; ++step, codes += kTileBytes) {
      tile_load<6>(codes);
      for (int part = 0; part < parts_; ++part, x += kStepBytes) {
        tile_load<4>(x);
        tile_multiply<2 * kSet, 4, 6>();
        if (kTiles > 1) {
          tile_load<5>(x + kTileBytes);
          tile_multiply<2 * kSet + 1, 5, 6>();
        }
      }
    }
  }

  template <int kSet, int kTiles>
  [[gnu::always_inline]] static inline void store_group(Groups& groups) {
    tile_store<2 * kSet>(groups.of[kSet][0]);
    if (kTiles > 1) tile_store<2 * kSet + 1>(groups.of[kSet][16]);
  }

  template <int kGroups, int kTiles>
  [[gnu::always_inline]] static inline void add_scaled(const Groups& groups,
                                                       const Pending& pending) {
    __m512 scale[kGroups], bias[kGroups];
#pragma GCC unroll 2
    for (int i = 0; i < kGroups; ++i) {
      scale[i] = _mm512_load_ps(pending.scales + i * 16);
      bias[i] = _mm512_load_ps(pending.biases + i * 16);
    }
#pragma GCC unroll 32
    for (int r = 0; r < 16 * kTiles; ++r) {
      __m512 sum = _mm512_load_ps(pending.sums[r]);
#pragma GCC unroll 2
      for (int i = 0; i < kGroups; ++i) {
        sum = _mm512_fmadd_ps(bias[i], _mm512_set1_ps(pending.x_sums[32 * i + r]), sum);
        sum = _mm512_fmadd_ps(_mm512_load_ps(groups.of[i][r]), scale[i], sum);
      }
      _mm512_store_ps(pending.sums[r], sum);
    }
  }

  TilePanel& panel_;
  const QuantizedMatrix& w_;
  const int64_t n_, columns_, rows_;
  const int parts_;
  const int64_t group_steps_, row_block_bytes_, row_block_sums_;
  const uint8_t* const x_;
  const float* const x_sums_;
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
      if (Format::kFolds) {
        out.sums[(m / 32 * groups + group++) * 32 + m % 32] = _mm512_reduce_add_ps(total);
      }
    }
  }

 private:
  static __m512 widen(__m256i raw) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(raw), 16));
  }
};

}  // namespace
}  // namespace mlxa::cpu
