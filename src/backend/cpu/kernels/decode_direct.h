// Decode with int8 activations of one row of x, or of two: what a single sequence computes.
//
// There the work around the products of a row of W counts, not only these. So scales and biases
// come straight from where they lie, a vector of them at a time, and a row of W is one loop. Sums
// are those of FastDecode, in its order. Rows behind which the matrix ends are left to it.
#pragma once

#include <cstdint>

#include "backend/cpu/kernels/decode_products.h"
#include "backend/cpu/kernels/decode_space.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

template <class V, int kBits, int kRows>
class DirectDecode {
 public:
  using Row = typename DecodeBlock<V>::Row;
  using Sums = typename DecodeSpace<V>::Sums;

  /// `x`: kRows rows, a panel of `layout`.
  DirectDecode(const QuantizedMatrix& w, const ArrangedRows<V>& layout, Row* x)
      : w_(w),
        x_(x),
        x_sums_(layout.sums(x, kRows)),
        stride_(layout.groups),
        groups_(w.k / w.group_size),
        blocks_(DecodeBlock<V>::count(w.k)),
        shift_(static_cast<int>(layout.shift)) {}

  /// The products of rows [n, n + count) of W, behind each of which the matrix goes on for as long
  /// as a block and a vector of factors; false if it leaves them to others.
  bool run(int64_t n, int64_t count, Sums* sums) const {
    if constexpr (V::kAffine) {
      if (w_.scale_type == FloatType::kBFloat16) {
        rows<FloatType::kBFloat16>(n, count, sums);
      } else if (w_.scale_type == FloatType::kFloat16) {
        rows<FloatType::kFloat16>(n, count, sums);
      } else {
        rows<FloatType::kFloat32>(n, count, sums);
      }
    } else {
      if (!V::plain_scales(weight_row(w_, n).scales, count * groups_)) return false;
      rows<FloatType::kFloat32>(n, count, sums);
    }
    return true;
  }

 private:
  using F = typename V::F;
  using I = typename V::I;
  using Products = BlockProducts<V, kBits>;
  static constexpr int kAtOnce = V::rows_at_once(kRows);

  template <FloatType kType>
  [[gnu::noinline]] void rows(int64_t n, int64_t count, Sums* sums) const {
    WeightRow row = weight_row(w_, n);
    const int64_t factor_bytes = groups_ * scale_bytes(w_), row_bytes = w_.k * kBits / 8;
    const int64_t turns = int64_t{1} << shift_;
    for (int64_t t = 0; t < count; ++t) {
      F c[kRows];
      biases<kType>(row, c);
      const uint8_t* p = row.codes;
      const Row* x = x_;
      const uint8_t* const end = p + blocks_ * Products::kBytes;
      for (int64_t group = 0; p < end; group += V::kFloats) {
        const F scales = scales_at<kType>(row, group);
        for (int64_t turn = 0; turn < turns && p < end; ++turn, p += Products::kBytes, x += kRows) {
          Products::fetch(p + kFetchAhead);
          I u[DecodeBlock<V>::kVectors];
          DecodeBlock<V>::template unpack<kBits>(p, u);
          const F scale = Products::pick_scales(scales, shift_, turn);
#pragma GCC unroll 2
          for (int r = 0; r < kRows; r += kAtOnce) {
            products_.template add<kAtOnce>(u, x + r, scale, c + r);
          }
        }
      }
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) V::store(sums[t].of[r], finished(c[r]));
      row.codes += row_bytes;
      row.scales += factor_bytes;
      if constexpr (V::kAffine) row.biases += factor_bytes;
    }
  }

  // What the sums of a row of W begin with.
  template <FloatType kType>
  [[gnu::always_inline]] inline void biases(const WeightRow& row, F (&c)[kRows]) const {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) c[r] = V::zero();
    if constexpr (V::kAffine) {
      for (int64_t group = 0; group < groups_; group += V::kFloats) {
        F scales, biases;
        load_factors<V, kBits>(row, kType, group, groups_ - group, true, scales, biases);
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) {
          c[r] = V::fma(biases, V::load(x_sums_ + r * stride_ + group), c[r]);
        }
      }
    }
  }

  template <FloatType kType>
  [[gnu::always_inline]] inline F scales_at(const WeightRow& row, int64_t group) const {
    const int64_t left = groups_ - group;
    if constexpr (V::kAffine) {
      F scales, biases;
      load_factors<V, kBits>(row, kType, group, left, true, scales, biases);
      return scales;
    } else {
      const F scales = V::plain_scale(row.scales + group);
      return left < V::kFloats ? V::keep_first(scales, static_cast<int>(left)) : scales;
    }
  }

  [[gnu::always_inline]] static inline F finished(F sum) {
    if constexpr (V::kAffine) {
      return sum;
    } else {
      return V::mul(sum, V::set1(V::kPlainFactor));
    }
  }

  const QuantizedMatrix& w_;
  const Row* x_;         // [blocks_][kRows]
  const float* x_sums_;  // [kRows][stride_]
  const int64_t stride_, groups_, blocks_;
  const int shift_;
  const Products products_;
};

}  // namespace mlxa::cpu
