// Decode family with float32 activations: quantized weights, expanded in registers.
//
// An element is the sum of four accumulators whose order is that of the row, whatever runs beside
// it. V as in decode_fast.h.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

inline constexpr int kAccumulators = 4;  // hides the latency of fused multiply-add

template <class V, int kRows>
struct ExactSums {
  using F = typename V::F;
  F acc[kRows][kAccumulators];

  [[gnu::always_inline]] inline ExactSums() {
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 4
      for (int i = 0; i < kAccumulators; ++i) acc[m][i] = V::zero();
    }
  }

  [[gnu::always_inline]] inline void add(int side, F w, const float* x, int64_t ldx) {
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) acc[m][side] = V::fma(w, V::load(x + m * ldx), acc[m][side]);
  }

  [[gnu::always_inline]] inline void write(float* y, int64_t ldy) {
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
      y[m * ldy] = V::sum(V::add(V::add(acc[m][0], acc[m][1]), V::add(acc[m][2], acc[m][3])));
    }
  }
};

template <class V, int kBits>
struct ExactDecode {
  static constexpr int kUnitBytes = V::kUnit * kBits / 8;
  static constexpr int kVectors = V::kGroup / V::kFloats;  // of the codes that share a group

  static void run(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy) {
    for (int64_t n = n_begin; n < n_end; ++n) {
      for (int64_t at = 0; at < m; at += V::kExactRows) {
        rows<V::kExactRows>(m - at, w, n, x + at * w.k, y + at * ldy + n, ldy);
      }
    }
  }

 private:
  template <int kRows>
  static void rows(int64_t left, const QuantizedMatrix& w, int64_t n, const float* x, float* y,
                   int64_t ldy) {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRows - 1>(left, w, n, x, y, ldy);
    }
    const WeightRow row = weight_row(w, n);
    const int shift = V::kGroup == 16 ? 4 : w.group_size == 32 ? 5 : w.group_size == 64 ? 6 : 7;
    ExactSums<V, kRows> sums;
    const uint8_t* codes = row.codes;
    int64_t k = 0;
    for (; k + V::kUnit <= w.k; k += V::kUnit, codes += kUnitBytes) {
      add_unit<kRows, true>(sums, row, codes, k, shift, V::kUnit, x, w.k);
    }
    if (k < w.k) {
      alignas(64) uint8_t padded[kUnitBytes] = {};
      std::memcpy(padded, codes, (w.k - k) * kBits / 8);
      add_unit<kRows, false>(sums, row, padded, k, shift, static_cast<int>(w.k - k), x, w.k);
    }
    sums.write(y, ldy);
  }

  template <int kRows, bool kWhole>
  [[gnu::always_inline]] static inline void add_unit(ExactSums<V, kRows>& sums,
                                                     const WeightRow& row, const uint8_t* packed,
                                                     int64_t k, int shift, int count,
                                                     const float* x, int64_t ldx) {
    alignas(64) uint8_t codes[V::kUnit];
    V::template unpack_in_order<kBits>(packed, codes);
#pragma GCC unroll 4
    for (int part = 0; part < V::kUnit / V::kGroup; ++part) {
      if (!kWhole && part * V::kGroup >= count) break;
      const int64_t group = (k + part * V::kGroup) >> shift;
      const auto scale = V::set1(scale_at<V>(row, group));
      const auto bias = V::set1(bias_at<V>(row, group));
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        const int at = part * V::kGroup + i * V::kFloats;
        const auto w = V::fma(V::codes_to_float(codes + at), scale, bias);
        sums.add((part * kVectors + i) % kAccumulators, w, x + k + at, ldx);
      }
    }
  }
};

/// Rows of W expanded to float32.
template <class V, int kBits>
struct Dequantize {
  static void run(const QuantizedMatrix& w, int64_t n_begin, int64_t n_end, float* out) {
    constexpr int kUnitBytes = V::kUnit * kBits / 8;
    alignas(64) uint8_t packed[kUnitBytes], codes[V::kUnit];
    for (int64_t n = n_begin; n < n_end; ++n) {
      const WeightRow row = weight_row(w, n);
      for (int64_t k = 0; k < w.k; k += V::kUnit) {
        const int64_t count = w.k - k < V::kUnit ? w.k - k : V::kUnit;
        std::memcpy(packed, row.codes + k * kBits / 8, count * kBits / 8);
        V::template unpack_in_order<kBits>(packed, codes);
        for (int64_t i = 0; i < count; i += V::kFloats, out += V::kFloats) {
          const int64_t group = (k + i) / w.group_size;
          V::store(out, V::fma(V::codes_to_float(codes + i), V::set1(scale_at<V>(row, group)),
                               V::set1(bias_at<V>(row, group))));
        }
      }
    }
  }
};

}  // namespace mlxa::cpu
