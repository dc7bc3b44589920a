// Prefill family with int8 activations: a panel of codes is unpacked to bytes once and serves all
// rows of x; scale and bias are applied once per group.
//
// V as in decode_fast.h. V::Products<bits> multiplies the codes and activations of one group:
//   X, kBytesPerCode, kConvertsRows, run<rows>, store_step, convert (see isa/avx2_vec.h).
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/prefill_panel.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// Where a panel lies in the caller's scratch.
template <class V>
struct FastPanel {
  uint8_t* codes;  ///< [tile][4 codes][2 vectors]
  float* scales;   ///< [group][kPanel]
  float* biases;   ///< [group][kPanel]
  void* rows;      ///< kTileRows rows of x, for the products that convert them

  static constexpr size_t kCodeBytes = kPanel * V::kMostBytesPerCode;
  static constexpr size_t kFactorBytes = kPanel * 4 / V::kGroup;  // per k
  static constexpr size_t kRowBytes = kTileRows * 2;

  static int64_t block(int64_t k) {
    if (k >= kFastBlock) return kFastBlock;
    return (k + kBlockMultiple - 1) / kBlockMultiple * kBlockMultiple;
  }
  static size_t bytes(int64_t k) {
    return static_cast<size_t>(block(k)) * (kCodeBytes + 2 * kFactorBytes + kRowBytes);
  }
  FastPanel(void* scratch, int64_t k) {
    const int64_t size = block(k);
    codes = static_cast<uint8_t*>(scratch);
    scales = reinterpret_cast<float*>(codes + size * kCodeBytes);
    biases = scales + size * kFactorBytes / 4;
    rows = biases + size * kFactorBytes / 4;
  }
};

template <class V, int kBits>
struct FastPrefill {
  using F = typename V::F;
  using I = typename V::I;
  using Products = typename V::template Products<kBits + V::kExtraBits>;
  using X = typename Products::X;
  static constexpr int kTile = 2 * V::kFloats;
  static constexpr int kStepBytes = 4 * kTile * Products::kBytesPerCode;  // four codes a column
  static constexpr int kUnitBytes = V::kUnit * kBits / 8;

  static void run(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    const FastPanel<V> panel(scratch, w.k);
    for (int64_t n = n_begin; n < n_end; n += kPanel) {
      const int columns = static_cast<int>(n_end - n < kPanel ? n_end - n : kPanel);
      for (int64_t k = 0; k < w.k; k += kFastBlock) {
        const int64_t count = w.k - k < kFastBlock ? w.k - k : kFastBlock;
        fill(panel, w, n, columns, k, count);
        Block block{panel, x, w.k, k, count, columns, ldy, w.group_size / V::kGroup};
        for (int64_t at = 0; at < m; at += kTileRows) {
          block.template rows<kTileRows>(m - at, at, y + at * ldy + n);
        }
      }
    }
  }

 private:
  struct Block {
    const FastPanel<V>& panel;
    const Int8Rows& x;
    int64_t whole_k;
    int64_t k;
    int64_t count;
    int columns;
    int64_t ldy;
    int repeat;  // activation groups that share a weight group

    template <int kRows>
    void rows(int64_t left, int64_t m, float* y) const {
      if constexpr (kRows > 1) {
        if (left < kRows) return rows<kRows - 1>(left, m, y);
      }
      const int8_t* q = x.q + m * whole_k + k;
      const int64_t stride = whole_k / V::kGroup, group = m * stride + k / V::kGroup;
      for (int tile = 0; tile * kTile < columns; ++tile) {
        const int width = columns - tile * kTile < kTile ? columns - tile * kTile : kTile;
        if constexpr (Products::kConvertsRows) {
          X* converted = static_cast<X*>(panel.rows);
          if (tile == 0) Products::convert(q, whole_k, kRows, count, converted);
          products<kRows>(tile, converted, count, group, stride, width, y + tile * kTile);
        } else {
          products<kRows>(tile, q, whole_k, group, stride, width, y + tile * kTile);
        }
      }
    }

    template <int kRows>
    [[gnu::noinline]] void products(int tile, const X* q, int64_t ldq, int64_t first_group,
                                    int64_t stride, int width, float* y) const {
      const int64_t groups = count / V::kGroup;
      constexpr int kSteps = V::kGroup / 4;
      const uint8_t* codes = panel.codes + tile * (count_of_steps() * kStepBytes);
      const float* scales = panel.scales + tile * kTile;
      const float* biases = panel.biases + tile * kTile;
      const float* xs = x.scales + first_group;
      const float* sums = x.sums + first_group;
      F c[kRows][2];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) c[r][0] = c[r][1] = V::zero();
      if (k > 0) {
        for (int r = 0; r < kRows; ++r) TileRow<V>::load(y + r * ldy, width, c[r]);
      }
      for (int64_t g = 0; g < groups; ++g) {
        I dots[kRows][2];
        Products::template run<kRows>(codes, q, ldq, kSteps, dots);
        codes += kSteps * kStepBytes;
        q += V::kGroup;
        const F s0 = V::load(scales), s1 = V::load(scales + V::kFloats);
        const F b0 = V::load(biases), b1 = V::load(biases + V::kFloats);
        if ((g + 1) % repeat == 0) {
          scales += kPanel;
          biases += kPanel;
        }
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          const F scale = V::set1(xs[r * stride + g]), sum = V::set1(sums[r * stride + g]);
          c[r][0] = V::fma(V::to_float(dots[r][0]), V::mul(s0, scale), V::fma(b0, sum, c[r][0]));
          c[r][1] = V::fma(V::to_float(dots[r][1]), V::mul(s1, scale), V::fma(b1, sum, c[r][1]));
        }
      }
      for (int r = 0; r < kRows; ++r) TileRow<V>::store(y + r * ldy, width, c[r]);
    }

    int64_t count_of_steps() const {
      return (count + kBlockMultiple - 1) / kBlockMultiple * (kBlockMultiple / 4);
    }
  };

  static void fill(const FastPanel<V>& panel, const QuantizedMatrix& w, int64_t n, int columns,
                   int64_t k, int64_t count) {
    const int64_t steps = (count + kBlockMultiple - 1) / kBlockMultiple * (kBlockMultiple / 4);
    for (int at = 0; at < columns; at += V::kFloats) {
      const int rows = columns - at < V::kFloats ? columns - at : V::kFloats;
      uint8_t* out = panel.codes + at / kTile * (steps * kStepBytes);
      fill_codes(out, at / V::kFloats % 2, w, n + at, rows, k, count);
    }
    // The second vector of a tile that has one only is multiplied too, by whatever it holds.
    for (int at = 0; at < (columns + kTile - 1) / kTile * kTile; ++at) {
      fill_factors(panel, w, n + at, at, at < columns, k / w.group_size, count / w.group_size);
    }
  }

  static void fill_codes(uint8_t* out, int half, const QuantizedMatrix& w, int64_t n, int rows,
                         int64_t k, int64_t count) {
    const int64_t stride = w.k * kBits / 8;
    const uint8_t* first = w.weight + n * stride + k * kBits / 8;
    for (int64_t at = 0; at < count; at += V::kUnit, out += V::kUnit / 4 * kStepBytes) {
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
          Products::store_step(out + step_of(v, i) * kStepBytes, half, u[v][i]);
        }
      }
    }
  }

  // Group by group, as the activations of this family are stored: a lane, or half of one.
  static constexpr int step_of(int v, int i) {
    constexpr int kOfVector = V::kGroup / 8;  // 32-bit parts of a vector that a group has
    return i / kOfVector * (2 * kOfVector) + v * kOfVector + i % kOfVector;
  }

  static void fill_factors(const FastPanel<V>& panel, const QuantizedMatrix& w, int64_t n, int at,
                           bool exists, int64_t first, int64_t groups) {
    if (!exists) {
      for (int64_t g = 0; g < groups; ++g) {
        panel.scales[g * kPanel + at] = panel.biases[g * kPanel + at] = 0.0f;
      }
      return;
    }
    alignas(64) float scales[expanded_groups(kFastBlock / V::kGroup)], biases[sizeof scales / 4];
    expand_affine<V, kBits>(weight_row(w, n), first, groups, scales, biases);
    for (int64_t g = 0; g < groups; ++g) {
      panel.scales[g * kPanel + at] = scales[g];
      panel.biases[g * kPanel + at] = biases[g];
    }
  }
};

}  // namespace mlxa::cpu
