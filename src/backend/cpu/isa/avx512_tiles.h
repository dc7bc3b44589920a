// Prefill tiles in AVX-512 VNNI: 6 rows of x by two vectors of columns.
//
// Dots and float instructions share two ports, so what counts is how few instructions surround the
// eight dots that a sum of 32 products takes. Here these are two: the sums start at kMagic, the
// bits of a float whose last mantissa bit stands for 1, so that a finished sum is the bits of the
// float kMagicSum + sum. One fused multiply-add takes kMagicSum away while it multiplies by the
// scale of the activations (exactly: kScaleMask leaves room for the product with kMagicSum), a
// second one multiplies by the scale of the weights and adds. Biases cost one more for each weight
// group, ahead of everything else.
//
// Loads are next: a tile of twice the rows has fewer, but its sums wait in memory, and loads behind
// stores of the same place in some page wait for these. Codes come from the L2 cache for every
// block of rows, faster than they are needed. What comes from further away (the next rows of x, the
// packed codes of the next panel) is asked for meanwhile, a line at a time.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/float_formats.h"
#include "backend/cpu/kernels/prefill_fast.h"

namespace mlxa::cpu {
namespace {

/// Rows of x as the tiles read them: for each block of k the rows in blocks of kRows (the last may
/// have fewer); of each group the activations of a block's rows, their scales, and -kMagicSum times
/// these, then by weight group the sums.
template <class V>
struct Avx512Rows {
  static constexpr int kRows = 6;
  static constexpr int64_t kGroupBytes = V::kGroup + 8;
  static constexpr int64_t kBlock = V::kCodeBlock;

  int64_t k, repeat;  // `repeat` groups of x to one of W
  explicit Avx512Rows(const QuantizedMatrix& w) : k(w.k), repeat(w.group_size / V::kGroup) {}

  int64_t bytes() const { return (row_bytes(k) + 63) / 64 * 64; }
  int64_t row_bytes(int64_t count) const {
    return count / V::kGroup * kGroupBytes + count / (V::kGroup * repeat) * 4;
  }
  /// Where the block of rows that starts with `row` begins, over [at, at + count) of k.
  template <class Byte>
  Byte* block(Byte* arranged, int64_t rows, int64_t at, int64_t count, int64_t row) const {
    return arranged + rows * row_bytes(at) + row * row_bytes(count);
  }

  /// Rows [from, to) of the `rows` of x.
  void arrange(const Int8Rows& x, int64_t rows, int64_t from, int64_t to, void* arranged) const {
    for (int64_t row = from; row < to; ++row) {
      const int64_t first = row / kRows * kRows;
      const int together = static_cast<int>(rows - first < kRows ? rows - first : kRows);
      for (int64_t at = 0; at < k; at += kBlock) {
        const int64_t count = k - at < kBlock ? k - at : kBlock;
        uint8_t* const out = block(static_cast<uint8_t*>(arranged), rows, at, count, first);
        put(x, row, at, count, static_cast<int>(row - first), together, out);
      }
    }
  }

  /// Puts [at, at + count) of `row` as number r of the `together` rows of a block.
  void put(const Int8Rows& x, int64_t row, int64_t at, int64_t count, int r, int together,
           uint8_t* out) const {
    const int64_t groups = count / V::kGroup, before = row * (k / V::kGroup) + at / V::kGroup;
    const int8_t* q = x.q + row * k + at;
    for (int64_t g = 0; g < groups; ++g, q += V::kGroup, out += together * kGroupBytes) {
      std::memcpy(out + r * V::kGroup, q, V::kGroup);
      uint8_t* const factors = out + together * V::kGroup + 4 * r;
      const float scale = x.scales[before + g], offset = -kMagicSum * scale;
      std::memcpy(factors, &scale, 4);
      std::memcpy(factors + 4 * together, &offset, 4);
    }
    const float* sums = x.sums + before;
    for (int64_t g = 0; g < groups; g += repeat, sums += repeat, out += 4 * together) {
      float sum = sums[0];
      if (repeat == 2) sum += sums[1];
      if (repeat == 4) sum = (sum + sums[1]) + (sums[2] + sums[3]);
      std::memcpy(out + 4 * r, &sum, 4);
    }
  }
};

template <class V>
class Avx512Tiles {
 public:
  using F = __m512;
  using I = __m512i;
  static constexpr int kTile = 32;
  static constexpr int kStepBytes = 4 * kTile;

  Avx512Tiles(const FastPanel<V>& panel, const FastBlock& block) : panel_(panel), block_(block) {}

  static void store_step(uint8_t* step, int half, I codes) {
    _mm512_store_si512(step + 64 * half, codes);
  }

  /// Adds the products of rows [0, m) to y, or puts them there for k = 0.
  void run(int64_t m, float* y) const {
    const Rows layout(block_.w);
    const int64_t rows = m * block_.x.parts, size = layout.row_bytes(block_.count);
    const int64_t tiles = (block_.columns + kTile - 1) / kTile;
    CodesAhead ahead = block_.next;
    ahead.spread((rows + kRows - 1) / kRows * tiles);
    const auto* arranged = static_cast<const uint8_t*>(block_.x.arranged);
    for (int64_t at = 0; at < rows; at += kRows) {
      const int count = static_cast<int>(rows - at < kRows ? rows - at : kRows);
      const uint8_t* x;
      if (arranged) {
        x = layout.block(arranged, rows, block_.k, block_.count, at);
      } else {
        auto* const own = static_cast<uint8_t*>(panel_.rows);
        for (int r = 0; r < count; ++r) {
          layout.put(block_.x, at + r, block_.k, block_.count, r, count, own);
        }
        x = own;
      }
      float* const out = y + at / block_.x.parts * block_.ldy;
      const int64_t part = count * size / tiles;
      for (int64_t t = 0; t < tiles; ++t) {
        ahead.fetch();
        multiply(count, {x, x + count * size + t * part, part, static_cast<int>(t), out});
      }
    }
  }

 private:
  using Rows = Avx512Rows<V>;
  static constexpr int kRows = Rows::kRows;
  static_assert(V::kGroup * 255 * 127 < 1 << 22);
  static_assert(kRows * (Rows::kGroupBytes + 4) * Rows::kBlock / V::kGroup <= V::kTileRowBytes);
  static constexpr int kSteps = V::kGroup / 4;

  struct Tile {
    const uint8_t* x;
    const uint8_t* next_x;  // asked for meanwhile,
    int64_t next_bytes;     // so much of it
    int number;
    float* y;  // the first tile's
  };

  void multiply(int rows, const Tile& tile) const {
    switch (rows) {
      case 1:
        return multiply<1>(tile);
      case 2:
        return multiply<2>(tile);
      case 3:
        return multiply<3>(tile);
      case 4:
        return multiply<4>(tile);
      case 5:
        return multiply<5>(tile);
      default:
        return multiply<6>(tile);
    }
  }

  template <int kCount>
  [[gnu::noinline]] void multiply(const Tile& tile) const {
    const bool pairs = block_.x.parts == 2;
    const int column = tile.number * kTile, left = block_.columns - column;
    const int width = left < kTile ? left : kTile;
    float* const y = tile.y + column;
    F c[kCount][2];
    // With two parts, rows of y meet every other row of x. All indices are constants, or sums
    // would live in memory.
#pragma GCC unroll 8
    for (int r = 0; r < kCount; ++r) {
      c[r][0] = c[r][1] = _mm512_setzero_ps();
      if (block_.k == 0 || (pairs && r % 2 == 1)) continue;
      TileRow<Avx512>::load(y + (pairs ? r / 2 : r) * block_.ldy, width, c[r]);
    }
    const int64_t groups = block_.count / V::kGroup;
    add_biases<kCount>(tile.x + groups * kCount * Rows::kGroupBytes, column, c);
    add_products<kCount>(tile, groups, column, c);
#pragma GCC unroll 8
    for (int r = 0; r < kCount; ++r) {
      if (pairs && r % 2 == 1) continue;
      if (pairs && r + 1 < kCount) {
        c[r][0] = _mm512_add_ps(c[r][0], c[r + 1][0]);
        c[r][1] = _mm512_add_ps(c[r][1], c[r + 1][1]);
      }
      TileRow<Avx512>::store(y + (pairs ? r / 2 : r) * block_.ldy, width, c[r]);
    }
  }

  template <int kCount>
  [[gnu::always_inline]] void add_biases(const uint8_t* sums, int column, F (&c)[kCount][2]) const {
    const float* biases = panel_.biases + column;
    const int64_t groups = block_.count / (V::kGroup * block_.repeat);
    for (int64_t g = 0; g < groups; ++g, sums += 4 * kCount, biases += FastPanel<V>::kColumns) {
      const F b0 = _mm512_loadu_ps(biases), b1 = _mm512_loadu_ps(biases + 16);
#pragma GCC unroll 8
      for (int r = 0; r < kCount; ++r) {
        const F sum = every(sums + 4 * r);
        c[r][0] = _mm512_fmadd_ps(b0, sum, c[r][0]);
        c[r][1] = _mm512_fmadd_ps(b1, sum, c[r][1]);
      }
    }
  }

  template <int kCount>
  [[gnu::always_inline]] void add_products(const Tile& tile, int64_t groups, int column,
                                           F (&c)[kCount][2]) const {
    const uint8_t* x = tile.x;
    const uint8_t* next_x = tile.next_x;
    const int64_t next_step = tile.next_bytes / groups;
    const uint8_t* codes = panel_.codes + tile.number * (block_.steps() * kStepBytes);
    const float* scales = panel_.scales + column;
    const int repeat = block_.repeat;
    int left = repeat;
    I start = _mm512_set1_epi32(kMagic);
    for (int64_t g = 0; g < groups; ++g) {
      __asm__("" : "+v"(start));  // or it would be loaded for each of the sums
      __builtin_prefetch(next_x, 0, 3);
      next_x += next_step;
      I dots[kCount][2];
#pragma GCC unroll 8
      for (int r = 0; r < kCount; ++r) dots[r][0] = dots[r][1] = start;
#pragma GCC unroll 8
      for (int step = 0; step < kSteps; ++step) {
        const I w0 = _mm512_load_si512(codes + step * kStepBytes);
        const I w1 = _mm512_load_si512(codes + step * kStepBytes + 64);
#pragma GCC unroll 8
        for (int r = 0; r < kCount; ++r) {
          const I four = _mm512_castps_si512(every(x + r * V::kGroup + 4 * step));
          dots[r][0] = _mm512_dpbusd_epi32(dots[r][0], w0, four);
          dots[r][1] = _mm512_dpbusd_epi32(dots[r][1], w1, four);
        }
      }
      const F s0 = _mm512_loadu_ps(scales), s1 = _mm512_loadu_ps(scales + 16);
      const uint8_t* factors = x + kCount * V::kGroup;
#pragma GCC unroll 8
      for (int r = 0; r < kCount; ++r) {
        const F scale = every(factors + 4 * r), offset = every(factors + 4 * (kCount + r));
        const F t0 = _mm512_fmadd_ps(_mm512_castsi512_ps(dots[r][0]), scale, offset);
        const F t1 = _mm512_fmadd_ps(_mm512_castsi512_ps(dots[r][1]), scale, offset);
        c[r][0] = _mm512_fmadd_ps(t0, s0, c[r][0]);
        c[r][1] = _mm512_fmadd_ps(t1, s1, c[r][1]);
      }
      codes += kSteps * kStepBytes;
      x += kCount * Rows::kGroupBytes;
      if (--left == 0) {
        left = repeat;
        scales += FastPanel<V>::kColumns;
      }
    }
  }

  // The same 32 bits in all lanes.
  [[gnu::always_inline]] static inline F every(const uint8_t* p) {
    int32_t bits;
    std::memcpy(&bits, p, sizeof bits);
    return _mm512_castsi512_ps(_mm512_set1_epi32(bits));
  }

  const FastPanel<V>& panel_;
  const FastBlock& block_;
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

template <>
struct PrefillRows<Avx512> : Avx512Rows<Avx512> {
  using Avx512Rows<Avx512>::Avx512Rows;
};
template <>
struct PrefillRows<Mxfp4<Avx512>> : Avx512Rows<Mxfp4<Avx512>> {
  using Avx512Rows<Mxfp4<Avx512>>::Avx512Rows;
};
template <>
struct PrefillRows<Nvfp4<Avx512>> : Avx512Rows<Nvfp4<Avx512>> {
  using Avx512Rows<Nvfp4<Avx512>>::Avx512Rows;
};

}  // namespace mlxa::cpu
