// Prefill family with int8 activations: a panel of codes is unpacked to bytes once and serves all
// rows of x; scale and bias are applied once per group.
//
// V as in decode_fast.h. V::Products<bits> multiplies the codes and activations of one group:
//   X, kBytesPerCode, kConvertsRows, run<rows>, store_step, convert (see isa/avx2_vec.h).
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/fetch.h"
#include "backend/cpu/kernels/prefill_panel.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// Where a panel lies in the caller's scratch.
template <class V>
struct FastPanel {
  uint8_t* codes;  ///< [tile][4 codes][2 vectors]
  float* scales;   ///< [group][kColumns]
  float* biases;   ///< [group][kColumns]
  void* rows;      ///< V::kTileRowBytes: rows of x as the products of a tile take them

  static constexpr int kColumns = V::kCodePanel;
  static constexpr size_t kCodeBytes = kColumns * V::kMostBytesPerCode;
  static constexpr size_t kFactorBytes = kColumns * 4 / V::kGroup;  // per k

  static int64_t block(int64_t k) {
    if (k >= V::kCodeBlock) return V::kCodeBlock;
    return (k + kBlockMultiple - 1) / kBlockMultiple * kBlockMultiple;
  }
  static size_t bytes(int64_t k) {
    return static_cast<size_t>(block(k)) * (kCodeBytes + 2 * kFactorBytes) + V::kTileRowBytes;
  }
  FastPanel(void* scratch, int64_t k) {
    const int64_t size = block(k);
    codes = static_cast<uint8_t*>(scratch);
    scales = reinterpret_cast<float*>(codes + size * kCodeBytes);
    biases = scales + size * kFactorBytes / 4;
    rows = biases + size * kFactorBytes / 4;
  }
};

/// Packed codes, scales and biases that are going to be unpacked, asked for a few lines at a time
/// while others are multiplied: unpacking itself would wait for memory at each of its many rows.
class CodesAhead {
 public:
  CodesAhead() = default;
  /// Of rows [n, n + rows) of w, k to k + count.
  CodesAhead(const QuantizedMatrix& w, int64_t n, int64_t rows, int64_t k, int64_t count)
      : row_(weight_row(w, n)),
        rows_(rows),
        strides_{w.k * w.bits / 8, w.k / w.group_size * scale_bytes(w)},
        lines_(count * w.bits / 8 / 64 + 1) {
    row_.codes += k * w.bits / 8;
    row_.scales += k / w.group_size * scale_bytes(w);
    if (row_.biases) row_.biases += k / w.group_size * scale_bytes(w);
  }

  /// Into how many calls of fetch.
  void spread(int64_t calls) { share_ = (rows_ * lines_ + calls - 1) / calls; }
  void fetch() {
    for (int64_t i = 0; i < share_ && rows_ > 0; ++i) {
      fetch_lines(row_.codes + 64 * line_, 64);
      if (++line_ < lines_) continue;
      fetch_lines(row_.scales, 64);
      fetch_lines(row_.biases, 64);
      line_ = 0;
      --rows_;
      row_.codes += strides_[0];
      row_.scales += strides_[1];
      if (row_.biases) row_.biases += strides_[1];
    }
  }

 private:
  WeightRow row_{};
  int64_t rows_ = 0, strides_[2] = {}, lines_ = 0, line_ = 0, share_ = 0;
};

/// What of a product a panel covers: columns [0, columns) of the result from y on, and
/// [k, k + count) of the w.k terms of each.
struct FastBlock {
  const QuantizedMatrix& w;
  const Int8Rows& x;
  int64_t k;
  int64_t count;
  int columns;
  int64_t ldy;
  int repeat;       // activation groups that share a weight group
  CodesAhead next;  // of the next block

  /// Steps of four codes that a tile has room for.
  int64_t steps() const {
    return (count + kBlockMultiple - 1) / kBlockMultiple * kBlockMultiple / 4;
  }
};

/// Products of a panel and rows of x, tile by tile. An instruction set may have its own (a
/// specialization that is declared before its table).
template <class V, int kBits>
struct FastTiles {
  using F = typename V::F;
  using I = typename V::I;
  using Products = typename V::template Products<kBits + V::kExtraBits>;
  using X = typename Products::X;
  static constexpr int kTile = 2 * V::kFloats;
  static constexpr int kStepBytes = 4 * kTile * Products::kBytesPerCode;  // four codes a column

  /// Stores four codes of each of the columns of vector `half` of a tile.
  static void store_step(uint8_t* step, int half, I codes) {
    Products::store_step(step, half, codes);
  }

  const FastPanel<V>& panel;
  const FastBlock& block;

  /// Adds the products of rows [0, m) to y, or puts them there for k = 0.
  void run(int64_t m, float* y) const {
    const int64_t parts = block.x.parts, tiles = (block.columns + kTile - 1) / kTile;
    CodesAhead ahead = block.next;
    ahead.spread((m * parts + kTileRows - 1) / kTileRows * tiles);
    static_assert(kTileRows % 2 == 0);  // pairs of parts stay together
    for (int64_t at = 0; at < m * parts; at += kTileRows) {
      rows<kTileRows>(m * parts - at, at, ahead, y + at / parts * block.ldy);
    }
  }

 private:
  template <int kRows>
  void rows(int64_t left, int64_t m, CodesAhead& ahead, float* y) const {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRows - 1>(left, m, ahead, y);
    }
    const int8_t* q = block.x.q + m * block.w.k + block.k;
    const int64_t stride = block.w.k / V::kGroup;
    const int64_t group = m * stride + block.k / V::kGroup;
    for (int tile = 0; tile * kTile < block.columns; ++tile) {
      ahead.fetch();
      const int left_columns = block.columns - tile * kTile;
      const int width = left_columns < kTile ? left_columns : kTile;
      if constexpr (Products::kConvertsRows) {
        X* converted = static_cast<X*>(panel.rows);
        if (tile == 0) Products::convert(q, block.w.k, kRows, block.count, converted);
        products<kRows>(tile, converted, block.count, group, stride, width, y + tile * kTile);
      } else {
        products<kRows>(tile, q, block.w.k, group, stride, width, y + tile * kTile);
      }
    }
  }

  template <int kRows>
  [[gnu::noinline]] void products(int tile, const X* q, int64_t ldq, int64_t first_group,
                                  int64_t stride, int width, float* y) const {
    const int64_t groups = block.count / V::kGroup, ldy = block.ldy;
    constexpr int kSteps = V::kGroup / 4;
    const uint8_t* codes = panel.codes + tile * (block.steps() * kStepBytes);
    const float* scales = panel.scales + tile * kTile;
    const float* biases = panel.biases + tile * kTile;
    const float* xs = block.x.scales + first_group;
    const float* sums = block.x.sums + first_group;
    F c[kRows][2];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) c[r][0] = c[r][1] = V::zero();
    const int parts = block.x.parts;
    if (block.k > 0) {
      for (int r = 0; r < kRows; r += parts) TileRow<V>::load(y + r / parts * ldy, width, c[r]);
    }
    for (int64_t g = 0; g < groups; ++g) {
      I dots[kRows][2];
      Products::template run<kRows>(codes, q, ldq, kSteps, dots);
      codes += kSteps * kStepBytes;
      q += V::kGroup;
      const F s0 = V::load(scales), s1 = V::load(scales + V::kFloats);
      const F b0 = V::load(biases), b1 = V::load(biases + V::kFloats);
      if ((g + 1) % block.repeat == 0) {
        scales += FastPanel<V>::kColumns;
        biases += FastPanel<V>::kColumns;
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const F scale = V::set1(xs[r * stride + g]), sum = V::set1(sums[r * stride + g]);
        c[r][0] = V::fma(V::to_float(dots[r][0]), V::mul(s0, scale), V::fma(b0, sum, c[r][0]));
        c[r][1] = V::fma(V::to_float(dots[r][1]), V::mul(s1, scale), V::fma(b1, sum, c[r][1]));
      }
    }
    for (int r = 0; r < kRows; r += parts) {
      if (parts == 2) {
        c[r][0] = V::add(c[r][0], c[r + 1][0]);
        c[r][1] = V::add(c[r][1], c[r + 1][1]);
      }
      TileRow<V>::store(y + r / parts * ldy, width, c[r]);
    }
  }
};

/// Rows of x as these products read them, made once for all calls that share the work. An
/// instruction set may have its own, as of FastTiles; this one takes them as they are.
template <class V>
struct PrefillRows {
  explicit PrefillRows(const QuantizedMatrix&) {}
  int64_t bytes() const { return 0; }
  void arrange(const Int8Rows&, int64_t, int64_t, int64_t, void*) const {}
};

template <class V, int kBits>
struct FastPrefill {
  using F = typename V::F;
  using I = typename V::I;
  using Tiles = FastTiles<V, kBits>;
  static constexpr int kTile = 2 * V::kFloats;
  static constexpr int64_t kPanel = FastPanel<V>::kColumns, kBlock = V::kCodeBlock;
  static constexpr int kUnitBytes = V::kUnit * kBits / 8;

  static void run(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    const FastPanel<V> panel(scratch, w.k);
    const auto columns_of = [&](int64_t n) { return n_end - n < kPanel ? n_end - n : kPanel; };
    const auto count_of = [&](int64_t k) { return w.k - k < kBlock ? w.k - k : kBlock; };
    for (int64_t n = n_begin; n < n_end; n += kPanel) {
      const int columns = static_cast<int>(columns_of(n));
      for (int64_t k = 0; k < w.k; k += kBlock) {
        const int64_t count = count_of(k);
        FastBlock block{w, x, k, count, columns, ldy, w.group_size / V::kGroup, {}};
        if (k + count < w.k) {
          block.next = {w, n, columns, k + count, count_of(k + count)};
        } else if (n + columns < n_end) {
          block.next = {w, n + columns, columns_of(n + columns), 0, count_of(0)};
        }
        fill(panel, block, w, n);
        Tiles{panel, block}.run(m, y + n);
      }
    }
  }

 private:
  static void fill(const FastPanel<V>& panel, const FastBlock& block, const QuantizedMatrix& w,
                   int64_t n) {
    for (int at = 0; at < block.columns; at += V::kFloats) {
      const int rows = block.columns - at < V::kFloats ? block.columns - at : V::kFloats;
      uint8_t* out = panel.codes + at / kTile * (block.steps() * Tiles::kStepBytes);
      fill_codes(out, at / V::kFloats % 2, w, n + at, rows, block.k, block.count);
    }
    // The second vector of a tile that has one only is multiplied too, by whatever it holds.
    const int64_t first = block.k / w.group_size, groups = block.count / w.group_size;
    for (int at = 0; at < (block.columns + kTile - 1) / kTile * kTile; at += V::kFloats) {
      const int left = block.columns - at, rows = left < V::kFloats ? left : V::kFloats;
      fill_factors(panel, w, n + at, at, rows, first, groups);
    }
  }

  static void fill_codes(uint8_t* out, int half, const QuantizedMatrix& w, int64_t n, int rows,
                         int64_t k, int64_t count) {
    const int64_t stride = w.k * kBits / 8;
    const uint8_t* first = w.weight + n * stride + k * kBits / 8;
    for (int64_t at = 0; at < count; at += V::kUnit, out += V::kUnit / 4 * Tiles::kStepBytes) {
      const int length = static_cast<int>(count - at < V::kUnit ? count - at : V::kUnit);
      I u[2][V::kFloats];
#pragma GCC unroll 16
      for (int i = 0; i < V::kFloats; ++i) {
        u[0][i] = u[1][i] = V::no_bytes();
        if (i >= rows) continue;
        const uint8_t* packed = first + i * stride + at * kBits / 8;
        if (length == V::kUnit) {
          V::template unpack<kBits>(packed, u[0][i], u[1][i]);
        } else {
          alignas(64) uint8_t padded[kUnitBytes] = {};
          std::memcpy(padded, packed, length * kBits / 8);
          V::template unpack<kBits>(padded, u[0][i], u[1][i]);
        }
      }
      for (int v = 0; v < 2; ++v) {
        V::transpose(u[v]);
#pragma GCC unroll 16
        for (int i = 0; i < V::kFloats; ++i) {
          Tiles::store_step(out + step_of(v, i) * Tiles::kStepBytes, half, u[v][i]);
        }
      }
    }
  }

  // Group by group, as the activations of this family are stored: a lane, or half of one.
  static constexpr int step_of(int v, int i) {
    constexpr int kOfVector = V::kGroup / 8;  // 32-bit parts of a vector that a group has
    return i / kOfVector * (2 * kOfVector) + v * kOfVector + i % kOfVector;
  }

  // Scales and biases of `rows` rows of W (others get zeros) as columns `at` on of the panel.
  static void fill_factors(const FastPanel<V>& panel, const QuantizedMatrix& w, int64_t n, int at,
                           int rows, int64_t first, int64_t groups) {
    for (int64_t g = 0; g < groups; g += V::kFloats) {
      const int count = static_cast<int>(groups - g < V::kFloats ? groups - g : V::kFloats);
      F scales[V::kFloats], biases[V::kFloats];
#pragma GCC unroll 16
      for (int i = 0; i < V::kFloats; ++i) {
        scales[i] = biases[i] = V::zero();
        if (i >= rows) continue;
        const WeightRow row = weight_row(w, n + i);
        load_factors<V, kBits>(row, row.type, first + g, count, false, scales[i], biases[i]);
      }
      V::transpose(scales);
      V::transpose(biases);
      for (int i = 0; i < count; ++i) {
        V::store(panel.scales + (g + i) * kPanel + at, scales[i]);
        V::store(panel.biases + (g + i) * kPanel + at, biases[i]);
      }
    }
  }
};

}  // namespace mlxa::cpu
