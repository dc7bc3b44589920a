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

struct FastWeights {
  const uint8_t* codes;
  const float* scales;  // by weight group, padded (expanded_groups)
  const float* biases;
};

/// kRepeat activation groups, of V::kGroup elements each, share a weight group.
template <class V, int kBits, int kRepeat, int kRows>
struct FastRow {
  using F = typename V::F;
  using I = typename V::I;
  static constexpr int kUnitBytes = V::kUnit * kBits / 8;
  static constexpr int kUnits = V::kFloats * V::kGroup / V::kUnit;  // of a whole block

  struct Sums {
    F at[kRows][2];
  };
  struct Factors {
    alignas(64) float at[kRows][V::kFloats];  // scale_w * scale_x of the block's groups
  };
  struct Activations {
    const int8_t* q;
    const float* scales;
    const float* sums;
    int64_t k;
    int64_t groups;
  };

  static void run(const FastWeights& w, const Activations& x, float* y, int64_t ldy,
                  int64_t ahead) {
    Sums sums;
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) sums.at[m][0] = sums.at[m][1] = V::zero();
    const uint8_t* codes = w.codes;
    const int8_t* q = x.q;
    int64_t group = 0;
    for (; group + V::kFloats <= x.groups; group += V::kFloats) {
      fetch(codes + ahead);
      Factors factors;
      add_affine<true>(w, x, group, sums, factors);
#pragma GCC unroll 2
      for (int unit = 0; unit < kUnits; unit += 2) {
        add_unit<0>(codes, q, x.k, unit, sums, factors);
        add_unit<1>(codes + kUnitBytes, q + V::kUnit, x.k, unit + 1, sums, factors);
        codes += 2 * kUnitBytes;
        q += 2 * V::kUnit;
      }
    }
    if (group < x.groups) {
      Sums last = sums;  // a copy, so that `sums` can stay in registers
      add_last_groups(w, x, group, codes, q, last);
      sums = last;
    }
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) y[m * ldy] = V::sum(V::add(sums.at[m][0], sums.at[m][1]));
  }

 private:
  template <int kSide>
  [[gnu::always_inline]] static inline void add_unit(const uint8_t* codes, const int8_t* q,
                                                     int64_t q_stride, int unit, Sums& sums,
                                                     const Factors& factors) {
    I u0, u1;
    V::template unpack<kBits>(codes, u0, u1);
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
      const int8_t* row = q + m * q_stride;
      const I products =
          V::template dot<kBits>(u0, u1, V::load_bytes(row), V::load_bytes(row + V::kUnit / 2));
      sums.at[m][kSide] =
          V::fma(V::to_float(products), V::spread(factors.at[m], unit), sums.at[m][kSide]);
    }
  }

  template <bool kWhole>
  [[gnu::always_inline]] static inline void add_affine(const FastWeights& w, const Activations& x,
                                                       int64_t group, Sums& sums,
                                                       Factors& factors) {
    const F scale = V::template repeat<kRepeat>(w.scales + group / kRepeat);
    const F bias = V::template repeat<kRepeat>(w.biases + group / kRepeat);
    const int count = kWhole ? V::kFloats : static_cast<int>(x.groups - group);
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m) {
      const float* x_scales = x.scales + m * x.groups + group;
      const float* x_sums = x.sums + m * x.groups + group;
      const F x_scale = kWhole ? V::load(x_scales) : V::load_first(x_scales, count);
      const F x_sum = kWhole ? V::load(x_sums) : V::load_first(x_sums, count);
      V::store(factors.at[m], V::mul(scale, x_scale));
      sums.at[m][0] = V::fma(bias, x_sum, sums.at[m][0]);
    }
  }

  // Fewer groups than a block are left, whole units first, then perhaps a part of one, on padded
  // copies.
  [[gnu::noinline]] static void add_last_groups(const FastWeights& w, const Activations& x,
                                                int64_t group, const uint8_t* codes,
                                                const int8_t* q, Sums& sums) {
    Factors factors;
    add_affine<false>(w, x, group, sums, factors);
    int count = static_cast<int>(x.groups - group) * V::kGroup;
    int unit = 0;
    for (; count >= V::kUnit; count -= V::kUnit, codes += kUnitBytes, q += V::kUnit) {
      add_either(codes, q, x.k, unit++, sums, factors);
    }
    if (count == 0) return;
    alignas(64) uint8_t padded_codes[kUnitBytes] = {};
    alignas(64) int8_t padded_q[kRows][V::kUnit] = {};
    std::memcpy(padded_codes, codes, count * kBits / 8);
    for (int m = 0; m < kRows; ++m) {
      std::memcpy(padded_q[m], q + m * x.k, count / 2);
      std::memcpy(padded_q[m] + V::kUnit / 2, q + m * x.k + count / 2, count / 2);
    }
    add_either(padded_codes, padded_q[0], V::kUnit, unit, sums, factors);
  }

  static void add_either(const uint8_t* codes, const int8_t* q, int64_t q_stride, int unit,
                         Sums& sums, const Factors& factors) {
    if (unit % 2 == 0) {
      add_unit<0>(codes, q, q_stride, unit, sums, factors);
    } else {
      add_unit<1>(codes, q, q_stride, unit, sums, factors);
    }
  }

  [[gnu::always_inline]] static inline void fetch(const uint8_t* p) {
#pragma GCC unroll 8
    for (int line = 0; line < kUnits * kUnitBytes; line += 64) __builtin_prefetch(p + line, 0, 2);
  }
};

/// Bytes of scratch for inner dimension k: one row's scales and biases in float32, at
/// most a pair for each activation group of `group` elements.
inline constexpr size_t fast_decode_bytes(int64_t k, int group) {
  return 2 * static_cast<size_t>(expanded_groups(k / group)) * sizeof(float);
}

template <class V, int kBits>
struct FastDecode {
  static void run(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    switch (w.group_size / V::kGroup) {
      case 1:
        return repeated<1>(w, x, m, n_begin, n_end, y, ldy, scratch);
      case 2:
        return repeated<2>(w, x, m, n_begin, n_end, y, ldy, scratch);
      case 4:
        return repeated<4>(w, x, m, n_begin, n_end, y, ldy, scratch);
    }
  }

 private:
  template <int kRepeat>
  static void repeated(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                       int64_t n_end, float* y, int64_t ldy, void* scratch) {
    const int64_t groups = w.k / w.group_size;
    float* scales = static_cast<float*>(scratch);
    float* biases = scales + expanded_groups(groups);
    const int64_t factor_bytes = groups * scale_bytes(w);
    const int64_t rows_ahead = kFetchAhead / (w.k * kBits / 8) + 1;
    for (int64_t n = n_begin; n < n_end; ++n) {
      const WeightRow row = weight_row(w, n);
      fetch_line_by_line(row.scales + rows_ahead * factor_bytes, factor_bytes);
      if (V::kAffine) fetch_line_by_line(row.biases + rows_ahead * factor_bytes, factor_bytes);
      expand_affine<V, kBits>(row, 0, groups, scales, biases);
      for (int64_t at = 0; at < m; at += V::kDecodeRows) {
        // The first rows of x pull the codes in; the others find them in the cache.
        rows<kRepeat, V::kDecodeRows>(m - at, {row.codes, scales, biases}, x, w.k, at,
                                      y + at * ldy + n, ldy, at == 0 ? kFetchAhead : 0);
      }
    }
  }

  // Behind the end of the matrix too: a prefetch never faults.
  static void fetch_line_by_line(const uint8_t* p, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(p + at, 0, 2);
  }

  template <int kRepeat, int kRows>
  static void rows(int64_t left, const FastWeights& w, const Int8Rows& x, int64_t k, int64_t m,
                   float* y, int64_t ldy, int64_t ahead) {
    if constexpr (kRows > 1) {
      if (left < kRows) return rows<kRepeat, kRows - 1>(left, w, x, k, m, y, ldy, ahead);
    }
    const int64_t groups = k / V::kGroup;
    FastRow<V, kBits, kRepeat, kRows>::run(
        w, {x.q + m * k, x.scales + m * groups, x.sums + m * groups, k, groups}, y, ldy, ahead);
  }
};

}  // namespace mlxa::cpu
