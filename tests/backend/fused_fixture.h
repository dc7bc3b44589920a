// Random arrays and their values in double, for tests of the fused operations.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/array.h"

#include "array/primitive.h"

namespace mlxa::test {

/// Normal values from a seed, as `dtype` rounds them.
inline array random_array(const Shape& shape, Dtype dtype, uint32_t seed, float deviation = 1) {
  array out = array::uninitialized(shape, dtype);
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0, deviation);
  detail::dispatch_all(dtype, [&](auto tag) {
    using T = decltype(tag);
    for (size_t i = 0; i < out.size(); i++) out.data<T>()[i] = static_cast<T>(normal(engine));
  });
  return out;
}

/// The elements in C order, whatever the strides.
inline std::vector<double> values(const array& a) {
  a.eval();
  std::vector<double> out(a.size());
  detail::dispatch_all(a.dtype(), [&](auto tag) {
    using T = decltype(tag);
    for (size_t i = 0; i < out.size(); i++) {
      int64_t offset = 0;
      size_t rest = i;
      for (int axis = static_cast<int>(a.ndim()) - 1; axis >= 0; axis--) {
        const auto length = static_cast<size_t>(a.shape(axis));
        offset += static_cast<int64_t>(rest % length) * a.strides(axis);
        rest /= length;
      }
      out[i] = static_cast<double>(static_cast<float>(a.data<T>()[offset]));
    }
  });
  return out;
}

/// Largest error of a result that was rounded once to `dtype`, relative to values of size 1.
inline double tolerance(Dtype dtype) {
  return dtype == float32 ? 2e-6 : dtype == float16 ? 1e-3 : 8e-3;
}

/// |got - want| <= tolerance * (|want| + scale) for all elements.
inline void expect_near(const array& got, const std::vector<double>& want, double tolerance,
                        double scale = 1) {
  const std::vector<double> found = values(got);
  ASSERT_EQ(found.size(), want.size());
  for (size_t i = 0; i < want.size(); i++) {
    ASSERT_LE(std::fabs(found[i] - want[i]), tolerance * (std::fabs(want[i]) + scale))
        << "element " << i << ": " << found[i] << ", expected " << want[i];
  }
}

inline void expect_same_bits(const array& got, const array& want) {
  const std::vector<double> a = values(got), b = values(want);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); i++) ASSERT_EQ(a[i], b[i]) << "element " << i;
}

/// Sums are float32: their error grows with the root of the inner dimension.
inline double product_tolerance(Dtype dtype, int k) {
  return std::max(tolerance(dtype), 2e-7 * std::sqrt(double(k)));
}

/// a [m, k] times b [k, n], from values.
inline std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b,
                                   int m, int k, int n) {
  std::vector<double> out(size_t(m) * n);
  for (int i = 0; i < m; i++) {
    for (int p = 0; p < k; p++) {
      for (int j = 0; j < n; j++)
        out[size_t(i) * n + j] += a[size_t(i) * k + p] * b[size_t(p) * n + j];
    }
  }
  return out;
}

/// The outputs of the node's plain-op form.
inline std::vector<array> plain(const array& out) {
  return op_info(out.primitive().kind()).fallback(out.primitive(), out.inputs());
}

inline const Dtype kFloats[] = {float32, float16, bfloat16};

/// The relative L2 distance is at most `bound`, and not 0: something was rounded on the way.
inline void expect_rounded_within(const std::vector<double>& got, const std::vector<double>& want,
                                  double bound) {
  ASSERT_EQ(got.size(), want.size());
  double error = 0, power = 0;
  for (size_t i = 0; i < want.size(); i++) {
    error += (got[i] - want[i]) * (got[i] - want[i]);
    power += want[i] * want[i];
  }
  EXPECT_LE(std::sqrt(error / power), bound);
  EXPECT_GT(error, 0);
}

}  // namespace mlxa::test
