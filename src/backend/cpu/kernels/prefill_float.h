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

/// What a thread keeps in the caller's scratch.
template <class V>
struct FloatSpace {
  static constexpr int kRows = V::kFloatTileRows;
  static constexpr int kPanel = V::kFloatPanel;       // columns
  static constexpr int64_t kBlock = V::kFloatBlock;   // of k
  static constexpr int64_t kStride = kBlock + 16;     // no two rows share a set of the cache
  static constexpr int64_t kSumStride = kPanel + 16;  // likewise
  static constexpr int64_t kMostRows = 512;           // whose sums wait for the next block of k
  static_assert(kBlock % kBlockMultiple == 0);

  float* panel;  // [tile][k][2 vectors]
  float* x;      // [kRows][kStride]
  float* sums;   // [kMostRows][kSumStride]

  static size_t panel_floats(int64_t k) { return (k < kBlock ? k : kBlock) * kPanel; }
  static size_t bytes(int64_t k) {
    return (panel_floats(k) + kRows * kStride + kMostRows * kSumStride) * sizeof(float);
  }
  FloatSpace(void* scratch, int64_t k)
      : panel(static_cast<float*>(scratch)),
        x(panel + panel_floats(k)),
        sums(x + kRows * kStride) {}
};

/// Rows of memory, `stride` bytes apart, that are fetched while others are multiplied: one after
/// the other, of each `step` bytes for every 16 of k.
template <class V>
struct FetchRows {
  const void* row;
  int64_t stride, step, left;

  struct Row {
    const uint8_t* at;
    int64_t step;
    // Behind the end of memory too: a prefetch never faults.
    [[gnu::always_inline]] inline void fetch(int64_t i) const {
      __builtin_prefetch(at + i * step, 0, 2);
    }
  };
  Row next() {
    const Row out{static_cast<const uint8_t*>(row), step};
    if (--left > 0) row = out.at + stride;
    return out;
  }
};

/// A tile of sums, kFloatTileRows rows by two vectors of columns, stays in registers over a block
/// of k. Its rows of x are packed, and in the L1 cache while the panel passes by, which streams
/// from the L2 cache. What comes from farther away (the next rows of x, the next panel's rows of W)
/// is asked for a line at a time between multiply-adds, since a burst of requests would hold up the
/// loads.
template <class V>
struct FloatPrefill {
  using F = typename V::F;
  using Space = FloatSpace<V>;
  using Fetch = FetchRows<V>;
  static constexpr int kTile = 2 * V::kFloats;
  static constexpr int kRows = V::kFloatTileRows;
  static constexpr int kPanel = Space::kPanel;

  /// y = x * W^T. Of W, source.fill(panel, n, columns, k, count) makes panels [tile][count][kTile],
  /// whose missing columns may hold anything; source.rows(n, columns, k) is what they are made of.
  template <class Source>
  static void run(int64_t k, const float* x, int64_t ldx, int64_t m, int64_t n_begin, int64_t n_end,
                  float* y, int64_t ldy, void* scratch, const Source& source) {
    const Space space(scratch, k);
    for (int64_t row = 0; row < m; row += Space::kMostRows) {
      const int64_t rows = m - row < Space::kMostRows ? m - row : Space::kMostRows;
      for (int64_t n = n_begin; n < n_end; n += kPanel) {
        const int columns = width(n, n_end);
        int64_t at = 0;
        do {  // once for k = 0 too, which gives zeros
          const int64_t count = k - at < Space::kBlock ? k - at : Space::kBlock, next = at + count;
          source.fill(space.panel, n, columns, at, count);
          Fetch w{space.panel, 0, 0, 0};
          if (next < k) {
            w = source.rows(n, columns, next);
          } else if (n + columns < n_end) {
            w = source.rows(n + columns, width(n + columns, n_end), 0);
          }
          const Block block{space, count, ldx, ldy, columns, at == 0, next == k};
          block.rows(x + row * ldx + at, rows, y + row * ldy + n, w);
          at = next;
        } while (at < k);
      }
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
  static int width(int64_t n, int64_t n_end) {
    return static_cast<int>(n_end - n < kPanel ? n_end - n : kPanel);
  }

  // A tile of the panel, where the sums of its rows wait and where they go, and what to fetch.
  struct Step {
    const float* w;
    float* sums;
    float* y;
    int width;
    typename Fetch::Row x[2], panel;
  };

  struct Block {
    const Space& space;
    int64_t count, ldx, ldy;
    int columns;
    bool first, last;  // of the blocks of k

    void rows(const float* x, int64_t m, float* y, Fetch& panel) const {
      constexpr int64_t kItem = sizeof(float);
      for (int64_t r = 0; r < m; r += kRows) {
        const int64_t left = m - r;
        for (int64_t i = 0; i < (left < kRows ? left : kRows); ++i) {
          std::memcpy(space.x + i * Space::kStride, x + (r + i) * ldx, count * kItem);
        }
        Fetch next{x + (r + kRows) * ldx, ldx * kItem, 16 * kItem, left - kRows};
        if (left <= kRows) next = {x + (last ? 0 : count), ldx * kItem, 16 * kItem, m};
        for (int at = 0; at < columns; at += kTile) {
          const Step step{space.panel + at * count,   space.sums + r * Space::kSumStride + at,
                          y + r * ldy + at,           columns - at < kTile ? columns - at : kTile,
                          {next.next(), next.next()}, panel.next()};
          tile<kRows>(left, step);
        }
      }
    }

    template <int kCount>
    void tile(int64_t left, const Step& step) const {
      if constexpr (kCount > 1) {
        if (left < kCount) return tile<kCount - 1>(left, step);
      }
      products<kCount>(step);
    }

    template <int kCount>
    [[gnu::noinline]] void products(const Step& step) const {
      F c[kCount][2];
#pragma GCC unroll 16
      for (int r = 0; r < kCount; ++r) {
        c[r][0] = c[r][1] = V::zero();
        const float* to = last ? step.y + r * ldy : step.sums + r * Space::kSumStride;
        __builtin_prefetch(to, 1, 3);
        __builtin_prefetch(to + V::kFloats, 1, 3);
      }
      const float *w = step.w, *x = space.x;
      for (int64_t k = 0, i = 0; k < count; ++i) {
        step.x[0].fetch(i);
        step.x[1].fetch(i);
        step.panel.fetch(i);
        const int64_t end = count - k < 16 ? count : k + 16;
        for (; k < end; ++k, w += kTile, ++x) {
          const F w0 = V::load(w), w1 = V::load(w + V::kFloats);
#pragma GCC unroll 16
          for (int r = 0; r < kCount; ++r) {
            const F value = V::set1(x[r * Space::kStride]);
            c[r][0] = V::fma(value, w0, c[r][0]);
            c[r][1] = V::fma(value, w1, c[r][1]);
          }
        }
      }
#pragma GCC unroll 16
      for (int r = 0; r < kCount; ++r) {
        float* sums = step.sums + r * Space::kSumStride;
        if (!first) {
          c[r][0] = V::add(V::load(sums), c[r][0]);
          c[r][1] = V::add(V::load(sums + V::kFloats), c[r][1]);
        }
        if (last) {
          TileRow<V>::store(step.y + r * ldy, step.width, c[r]);
        } else {
          V::store(sums, c[r][0]);
          V::store(sums + V::kFloats, c[r][1]);
        }
      }
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
    FloatPrefill<V>::run(w.k, x, w.k, m, n_begin, n_end, y, ldy, scratch, ExactPrefill{w});
  }

  const QuantizedMatrix& w;

  void fill(float* panel, int64_t n, int columns, int64_t k, int64_t count) const {
    for (int at = 0; at < columns; at += V::kFloats) {
      const int rows = columns - at < V::kFloats ? columns - at : V::kFloats;
      float* out = panel + at / kTile * count * kTile + at % kTile;
      for (int64_t i = 0; i < count; i += V::kUnit) {
        const int length = static_cast<int>(count - i < V::kUnit ? count - i : V::kUnit);
        fill_unit(out + i * kTile, w, n + at, rows, k + i, length);
      }
    }
  }
  FetchRows<V> rows(int64_t n, int64_t columns, int64_t k) const {
    const int64_t row_bytes = w.k * kBits / 8;
    return {w.weight + n * row_bytes + k * kBits / 8, row_bytes, 2 * kBits, columns};
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

template <class V, FloatType kType>
struct DensePrefill {
  using F = typename V::F;
  static constexpr int kTile = 2 * V::kFloats;
  static constexpr int64_t kItem = size_of(kType);

  static void run(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    FloatPrefill<V>::run(w.k, x, ldx, m, n_begin, n_end, y, ldy, scratch, DensePrefill{w});
  }

  const DenseMatrix& w;

  void fill(float* panel, int64_t n, int columns, int64_t k, int64_t count) const {
    for (int column = 0; column < columns; column += V::kFloats) {
      const int rows = columns - column < V::kFloats ? columns - column : V::kFloats;
      float* out = panel + column / kTile * count * kTile + column % kTile;
      if (w.col_stride == 1) {
        from_rows(out, n + column, rows, k, count);
      } else if (w.row_stride == 1) {
        from_columns(out, n + column, rows, k, count);
      } else {
        gather(out, n + column, rows, k, count);
      }
    }
  }
  FetchRows<V> rows(int64_t n, int64_t columns, int64_t k) const {
    if (w.col_stride == 1) return {at(n, k), w.row_stride * kItem, 16 * kItem, columns};
    return {at(n, k), w.col_stride * kItem, 64, w.k - k};  // columns lie along the rows of memory
  }

 private:
  const uint8_t* at(int64_t n, int64_t k) const {
    return static_cast<const uint8_t*>(w.data) + (n * w.row_stride + k * w.col_stride) * kItem;
  }

  void from_rows(float* out, int64_t n, int rows, int64_t k, int64_t count) const {
    const uint8_t* first = at(n, k);
    const int64_t stride = w.row_stride * kItem;
    int64_t i = 0;
    if (rows == V::kFloats) i = from_whole_rows(out, first, stride, count);
    for (; i < count; i += V::kFloats) {
      const int64_t left = count - i;
      F values[V::kFloats];
#pragma GCC unroll 16
      for (int r = 0; r < V::kFloats; ++r) {
        values[r] = V::zero();
        if (r < rows) values[r] = widen_first<V>(first + r * stride + i * kItem, kType, left);
      }
      FloatPrefill<V>::store_columns(out + i * kTile, values,
                                     static_cast<int>(left < V::kFloats ? left : V::kFloats));
    }
  }

  // Whole vectors of kFloats rows; returns how many k's these were.
  static int64_t from_whole_rows(float* out, const uint8_t* first, int64_t stride, int64_t count) {
    int64_t i = 0;
    if constexpr (kType == FloatType::kBFloat16) {
      for (; i + kTile <= count; i += kTile) {
        typename V::I pairs[V::kFloats];
#pragma GCC unroll 16
        for (int r = 0; r < V::kFloats; ++r) {
          pairs[r] = V::load_bytes(first + r * stride + i * kItem);
        }
        V::transpose(pairs);
#pragma GCC unroll 16
        for (int r = 0; r < V::kFloats; ++r) {
          F even, odd;
          V::widen_pairs(pairs[r], even, odd);
          V::store(out + (i + 2 * r) * kTile, even);
          V::store(out + (i + 2 * r + 1) * kTile, odd);
        }
      }
    } else {
      for (; i + V::kFloats <= count; i += V::kFloats) {
        F values[V::kFloats];
#pragma GCC unroll 16
        for (int r = 0; r < V::kFloats; ++r) {
          values[r] = V::widen(first + r * stride + i * kItem, kType);
        }
        FloatPrefill<V>::store_columns(out + i * kTile, values, V::kFloats);
      }
    }
    return i;
  }

  void from_columns(float* out, int64_t n, int rows, int64_t k, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) {
      V::store(out + i * kTile, widen_first<V>(at(n, k + i), kType, rows));
    }
  }

  void gather(float* out, int64_t n, int rows, int64_t k, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) {
      for (int r = 0; r < rows; ++r) out[i * kTile + r] = load_value<V>(at(n + r, k + i), kType, 0);
    }
  }
};

}  // namespace mlxa::cpu
