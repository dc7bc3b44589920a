// Prefill family with float32 activations: a panel of W is expanded to float32 once and serves all
// rows of x. Quantized and dense weights differ only in how the panel is filled.
//
// V as in decode_fast.h.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/prefill_panel.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// Bytes of a panel for inner dimension k.
inline constexpr size_t float_panel_bytes(int64_t k) {
  return (k < kFloatBlock ? k : kFloatBlock) * kPanel * sizeof(float);
}

template <class V>
struct FloatPrefill {
  using F = typename V::F;
  static constexpr int kTile = 2 * V::kFloats;

  /// y += x * panel^T over blocks of k; fill(panel, n, columns, k, count) makes a panel
  /// [tile][count][kTile], whose missing columns may hold anything.
  template <class Fill>
  static void run(int64_t k, const float* x, int64_t ldx, int64_t m, int64_t n_begin, int64_t n_end,
                  float* y, int64_t ldy, void* scratch, Fill&& fill) {
    float* panel = static_cast<float*>(scratch);
    for (int64_t n = n_begin; n < n_end; n += kPanel) {
      const int columns = static_cast<int>(n_end - n < kPanel ? n_end - n : kPanel);
      int64_t at = 0;
      do {  // once for k = 0 too, which gives zeros
        const int64_t count = k - at < kFloatBlock ? k - at : kFloatBlock;
        fill(panel, n, columns, at, count);
        const Block block{panel, count, ldx, ldy, columns, at == 0};
        for (int64_t row = 0; row < m; row += kTileRows) {
          block.template rows<kTileRows>(m - row, x + row * ldx + at, y + row * ldy + n);
        }
        at += count;
      } while (at < k);
    }
  }

  /// Stores `values[i]` (row i of W, kFloats k's) as columns of a panel tile; `valid` k's count.
  static void store_columns(float* out, F (&values)[V::kFloats], int valid) {
    V::transpose(values);
#pragma GCC unroll 16
    for (int i = 0; i < V::kFloats; ++i) {
      if (i < valid) V::store(out + i * kTile, values[i]);
    }
  }

 private:
  struct Block {
    const float* panel;
    int64_t count;
    int64_t ldx;
    int64_t ldy;
    int columns;
    bool first;

    template <int kRows>
    void rows(int64_t left, const float* x, float* y) const {
      if constexpr (kRows > 1) {
        if (left < kRows) return rows<kRows - 1>(left, x, y);
      }
      for (int tile = 0; tile * kTile < columns; ++tile) {
        const int width = columns - tile * kTile < kTile ? columns - tile * kTile : kTile;
        products<kRows>(panel + tile * count * kTile, x, width, y + tile * kTile);
      }
    }

    template <int kRows>
    [[gnu::noinline]] void products(const float* w, const float* x, int width, float* y) const {
      F c[kRows][2];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) c[r][0] = c[r][1] = V::zero();
      if (!first) {
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) TileRow<V>::load(y + r * ldy, width, c[r]);
      }
      for (int64_t k = 0; k < count; ++k, w += kTile) {
        const F w0 = V::load(w), w1 = V::load(w + V::kFloats);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          const F value = V::set1(x[r * ldx + k]);
          c[r][0] = V::fma(value, w0, c[r][0]);
          c[r][1] = V::fma(value, w1, c[r][1]);
        }
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) TileRow<V>::store(y + r * ldy, width, c[r]);
    }
  };
};

template <class V, int kBits>
struct ExactPrefill {
  using F = typename V::F;
  static constexpr int kUnitBytes = V::kUnit * kBits / 8;
  static constexpr int kTile = 2 * V::kFloats;

  static void run(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    FloatPrefill<V>::run(w.k, x, w.k, m, n_begin, n_end, y, ldy, scratch,
                         [&](float* panel, int64_t n, int columns, int64_t k, int64_t count) {
                           for (int at = 0; at < columns; at += V::kFloats) {
                             const int rows = columns - at < V::kFloats ? columns - at : V::kFloats;
                             float* out = panel + at / kTile * count * kTile + at % kTile;
                             for (int64_t i = 0; i < count; i += V::kUnit) {
                               const int length =
                                   static_cast<int>(count - i < V::kUnit ? count - i : V::kUnit);
                               fill_unit(out + i * kTile, w, n + at, rows, k + i, length);
                             }
                           }
                         });
  }

 private:
  static void fill_unit(float* out, const QuantizedMatrix& w, int64_t n, int rows, int64_t k,
                        int length) {
    alignas(64) uint8_t codes[V::kFloats][V::kUnit] = {};
    const int64_t stride = w.k * kBits / 8;
    for (int i = 0; i < rows; ++i) {
      const uint8_t* packed = w.weight + (n + i) * stride + k * kBits / 8;
      if (length == V::kUnit) {
        V::template unpack_in_order<kBits>(packed, codes[i]);
      } else {
        alignas(64) uint8_t padded[kUnitBytes] = {};
        std::memcpy(padded, packed, length * kBits / 8);
        V::template unpack_in_order<kBits>(padded, codes[i]);
      }
    }
    for (int part = 0; part < length; part += V::kGroup) {
      float scale[V::kFloats] = {}, bias[V::kFloats] = {};
      for (int i = 0; i < rows; ++i) {
        const WeightRow row = weight_row(w, n + i);
        const int64_t group = (k + part) / w.group_size;
        scale[i] = scale_at<V>(row, group);
        bias[i] = bias_at<V>(row, group);
      }
      for (int at = part; at < part + V::kGroup; at += V::kFloats) {
        F values[V::kFloats];
#pragma GCC unroll 16
        for (int i = 0; i < V::kFloats; ++i) {
          values[i] = V::fma(V::codes_to_float(codes[i] + at), V::set1(scale[i]), V::set1(bias[i]));
        }
        FloatPrefill<V>::store_columns(out + at * kTile, values, V::kFloats);
      }
    }
  }
};

template <class V>
struct DensePrefill {
  using F = typename V::F;
  static constexpr int kTile = 2 * V::kFloats;

  static void run(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    FloatPrefill<V>::run(w.k, x, ldx, m, n_begin, n_end, y, ldy, scratch,
                         [&](float* panel, int64_t n, int columns, int64_t k, int64_t count) {
                           for (int at = 0; at < columns; at += V::kFloats) {
                             const int rows = columns - at < V::kFloats ? columns - at : V::kFloats;
                             float* out = panel + at / kTile * count * kTile + at % kTile;
                             if (w.col_stride == 1) {
                               from_rows(out, w, n + at, rows, k, count);
                             } else if (w.row_stride == 1) {
                               from_columns(out, w, n + at, rows, k, count);
                             } else {
                               gather(out, w, n + at, rows, k, count);
                             }
                           }
                         });
  }

 private:
  static const uint8_t* at(const DenseMatrix& w, int64_t n, int64_t k) {
    return static_cast<const uint8_t*>(w.data) +
           (n * w.row_stride + k * w.col_stride) * static_cast<int64_t>(size_of(w.type));
  }

  static void from_rows(float* out, const DenseMatrix& w, int64_t n, int rows, int64_t k,
                        int64_t count) {
    const uint8_t* first = at(w, n, k);
    const int64_t bytes = size_of(w.type), stride = w.row_stride * bytes;
    for (int64_t i = 0; i < count; i += V::kFloats) {
      const int64_t left = count - i;
      F values[V::kFloats];
#pragma GCC unroll 16
      for (int r = 0; r < V::kFloats; ++r) {
        values[r] = V::zero();
        if (r < rows) values[r] = widen_first<V>(first + r * stride + i * bytes, w.type, left);
      }
      FloatPrefill<V>::store_columns(out + i * kTile, values,
                                     static_cast<int>(left < V::kFloats ? left : V::kFloats));
    }
  }

  static void from_columns(float* out, const DenseMatrix& w, int64_t n, int rows, int64_t k,
                           int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      V::store(out + i * kTile, widen_first<V>(at(w, n, k + i), w.type, rows));
    }
  }

  static void gather(float* out, const DenseMatrix& w, int64_t n, int rows, int64_t k,
                     int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      for (int r = 0; r < rows; ++r) {
        out[i * kTile + r] = load_value<V>(at(w, n + r, k + i), w.type, 0);
      }
    }
  }
};

}  // namespace mlxa::cpu
