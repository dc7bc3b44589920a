// Decode family with int8 activations: W is read once, in place, row by row.
//
// y = sum over groups of scale_w * scale_x * dot(codes, q) + bias_w * sum_x. The integer products
// of a unit stay apart by lanes, are scaled in float32 and added to one of two accumulators, whole
// rows in one order, so that the result depends on nothing but the two rows.
//
// V is an instruction set's vectors (isa/*_vec.h); being a type of internal linkage, it makes these
// instantiations internal to the file that uses them.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// How far ahead of the products the codes are fetched, in bytes: rows follow each other in memory,
/// and the hardware's own prefetchers stop at page ends.
inline constexpr int64_t kFetchAhead = 16384;

template <class V, int kBits, int kGroup, int kRows>
struct FastRow {
  using F = typename V::F;
  using I = typename V::I;
  static constexpr int kUnitBytes = V::kUnit * kBits / 8;
  static constexpr int kUnits = V::kFloats * kGroup / V::kUnit;  // of a whole block

  F acc[kRows][2];
  alignas(64) float factors[kRows][V::kFloats];  // scale_w * scale_x of the block's groups

  template <int kSide>
  [[gnu::always_inline]] inline void add_unit(const uint8_t* codes, const int8_t* q,
                                              int64_t q_stride, int unit) {
    I u0, u1;
    V::template unpack<kBits>(codes, u0, u1);
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
      const int8_t* row = q + m * q_stride;
      const I products =
          V::template dot<kBits>(u0, u1, V::load_bytes(row), V::load_bytes(row + V::kUnit / 2));
      acc[m][kSide] = V::fma(V::to_float(products), V::template spread<kGroup>(factors[m], unit),
                             acc[m][kSide]);
    }
  }

  // Fewer codes than a unit are left: work on padded copies.
  template <int kSide>
  void add_partial_unit(const uint8_t* codes, const int8_t* q, int64_t q_stride, int count,
                        int unit) {
    alignas(64) uint8_t padded_codes[kUnitBytes] = {};
    alignas(64) int8_t padded_q[kRows][V::kUnit] = {};
    std::memcpy(padded_codes, codes, count * kBits / 8);
    for (int m = 0; m < kRows; ++m) {
      std::memcpy(padded_q[m], q + m * q_stride, count / 2);
      std::memcpy(padded_q[m] + V::kUnit / 2, q + m * q_stride + count / 2, count / 2);
    }
    add_unit<kSide>(padded_codes, padded_q[0], V::kUnit, unit);
  }

  template <bool kWhole>
  [[gnu::always_inline]] inline void add_affine(const WeightRow& w, const float* x_scales,
                                                const float* x_sums, int64_t stride, int64_t group,
                                                int count) {
    const F scale = load_group_values<V, kWhole>(w.scales, w, group, count);
    F bias = load_group_values<V, kWhole>(w.biases, w, group, count);
    if constexpr (kBits == 8 && V::kCentred8) bias = V::fma(scale, V::set1(128.0f), bias);
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
      const float* scales = x_scales + m * stride + group;
      const float* sums = x_sums + m * stride + group;
      const F xs = kWhole ? V::load(scales) : V::load_first(scales, count);
      const F sum = kWhole ? V::load(sums) : V::load_first(sums, count);
      V::store(factors[m], V::mul(scale, xs));
      acc[m][0] = V::fma(bias, sum, acc[m][0]);
    }
  }

  void run(const WeightRow& w, const int8_t* q, const float* x_scales, const float* x_sums,
           int64_t k, float* y, int64_t ldy, int64_t ahead) {
    const int64_t groups = k / kGroup;
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = V::zero();
    const uint8_t* codes = w.codes;
    int64_t g = 0;
    for (; g + V::kFloats <= groups; g += V::kFloats) {
      fetch(codes + ahead);
      add_affine<true>(w, x_scales, x_sums, groups, g, V::kFloats);
#pragma GCC unroll 4
      for (int unit = 0; unit < kUnits; unit += 2) {
        add_unit<0>(codes, q, k, unit);
        add_unit<1>(codes + kUnitBytes, q + V::kUnit, k, unit + 1);
        codes += 2 * kUnitBytes;
        q += 2 * V::kUnit;
      }
    }
    if (g < groups) {
      add_affine<false>(w, x_scales, x_sums, groups, g, static_cast<int>(groups - g));
      add_last_units(codes, q, k, static_cast<int>(groups - g) * kGroup);
    }
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) y[m * ldy] = V::sum(V::add(acc[m][0], acc[m][1]));
  }

  void add_last_units(const uint8_t* codes, const int8_t* q, int64_t q_stride, int count) {
    int unit = 0;
    for (; count >= V::kUnit; count -= V::kUnit, ++unit) {
      if (unit % 2 == 0) {
        add_unit<0>(codes, q, q_stride, unit);
      } else {
        add_unit<1>(codes, q, q_stride, unit);
      }
      codes += kUnitBytes;
      q += V::kUnit;
    }
    if (count == 0) return;
    if (unit % 2 == 0) {
      add_partial_unit<0>(codes, q, q_stride, count, unit);
    } else {
      add_partial_unit<1>(codes, q, q_stride, count, unit);
    }
  }

  static void fetch(const uint8_t* p) {
    for (int line = 0; line < kUnits * kUnitBytes; line += 64) __builtin_prefetch(p + line, 0, 2);
  }
};

template <class V, int kBits, int kGroup>
struct FastDecode {
  static void run(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy) {
    for (int64_t n = n_begin; n < n_end; ++n) {
      const WeightRow row = weight_row(w, n);
      for (int64_t at = 0; at < m; at += V::kDecodeRows) {
        rows<V::kDecodeRows>(m - at, row, x, w.k, at, y + at * ldy + n, ldy);
      }
    }
  }

 private:
  // The first rows of x pull the codes in; the others find them in the cache.
  template <int kRows>
  static void rows(int64_t left, const WeightRow& w, const Int8Rows& x, int64_t k, int64_t m,
                   float* y, int64_t ldy) {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRows - 1>(left, w, x, k, m, y, ldy);
    }
    FastRow<V, kBits, kGroup, kRows> row;
    const int64_t first = m * (k / kGroup);
    row.run(w, x.q + m * k, x.scales + first, x.sums + first, k, y, ldy, m == 0 ? kFetchAhead : 0);
  }
};

}  // namespace mlxa::cpu
