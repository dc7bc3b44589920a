// Decode of the floating-point formats where it has ways of its own: activations in float16, scales
// without signs, codes that are no numbers. Against double precision, computed from the definition.
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backend/matmul_fixture.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kRows = 9, kColumns = 70;

class FloatFormats : public KernelsOfIsa {
 protected:
  // Products of m rows with columns [begin, end).
  using Product = std::function<void(int64_t m, int64_t begin, int64_t end, float* y)>;

  // The weights' products with `x`, rounded as the kernel rounds it: the error is at most
  // `tolerance` of the terms' magnitudes, and no number of rows or columns changes a bit.
  static void check(const RandomQuantized& w, const std::vector<double>& x, double tolerance,
                    const Product& product) {
    const int64_t n = w.view.n;
    const auto weight = [&](int64_t j, int64_t i) { return w.scale(j, i) * w.value(j, i); };
    const Expected expected = multiply(kRows, n, w.view.k, x, weight, [&](int64_t j, int64_t i) {
      return std::fabs(weight(j, i));
    });
    std::vector<float> all(kRows * n);
    product(kRows, 0, n, all.data());
    for (int64_t i = 0; i < kRows * n; ++i) {
      ASSERT_LE(std::fabs(all[i] - expected.value[i]), tolerance * expected.magnitude[i])
          << "k " << w.view.k << " at " << i << ": " << all[i] << " for " << expected.value[i];
    }
    for (int64_t m = 1; m <= kRows; ++m) {
      for (int64_t begin = 0; begin < n; begin += kColumnAlign) {
        Guarded<float> part(m * n);
        product(m, begin, n, part.data());
        for (int64_t i = 0; i < m * n; ++i) {
          if (i % n < begin) continue;
          ASSERT_EQ(part[i], all[i]) << m << " rows from column " << begin;
        }
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, FloatFormats,
                         testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx),
                         [](const auto& info) { return std::string(isa_name(info.param)); });

// Rows of x in float16, and what they stand for.
struct Halves {
  Guarded<uint16_t> values;
  Guarded<float> scales;
  HalfRows rows;
  Halves(const HalfKernels& kernels, const Guarded<float>& x, int64_t k)
      : values(x.size() / k * HalfRows::padded(k)),
        scales(x.size() / k),
        rows{values.data(), scales.data()} {
    const auto count = static_cast<int64_t>(scales.size()), half = count / 2;
    kernels.round_rows(x.data(), k, half, count, rows);
    kernels.round_rows(x.data(), k, 0, half, rows);
  }
};

TEST_P(FloatFormats, ProductsInHalves) {
  const HalfKernels* halves = kernels().halves;
  if (!halves) GTEST_SKIP() << "no products in float16";
  for (int64_t k : {32, 64, 96, 512, 544, 2048}) {
    for (float unit : {1.0f, 1e-30f, 3e30f}) {
      const RandomQuantized w(kColumns, k, {WeightFormat::kMxfp8, 8, 32}, FloatType::kFloat32, k,
                              k % 64 == 0);
      Guarded<float> x(kRows * k, k % 64 == 0);
      fill_activations({x.data(), x.size()}, 3 * k);
      std::vector<double> rounded;
      for (int64_t m = 0; m < kRows; ++m) {
        float most = 0.0f;
        for (int64_t i = 0; i < k; ++i) {
          x[m * k + i] *= unit;
          most = std::max(most, std::fabs(x[m * k + i]));
        }
        int exponent = 0;
        std::frexp(most, &exponent);  // most < 2^exponent
        for (int64_t i = 0; i < k; ++i) {
          const double scaled = std::ldexp(x[m * k + i], 14 - exponent);
          const int step = std::max(std::ilogb(scaled), -14) - 10;
          const double nearest =
              scaled == 0 ? 0 : std::ldexp(std::nearbyint(std::ldexp(scaled, -step)), step);
          rounded.push_back(std::ldexp(nearest, exponent - 14));
        }
      }
      const Halves in(*halves, x, k);
      // Two roundings to 11 bits: each of a product or of a sum of two.
      check(w, rounded, 1.0 / 1024 + 1e-6, [&](int64_t m, int64_t begin, int64_t end, float* y) {
        halves->multiply(w.view, in.rows, m, begin, end, y, kColumns);
      });
      if (HasFatalFailure()) return;
    }
  }
}

// The mean error is far below the largest one possible, and below a tenth of that of int8 steps.
TEST_P(FloatFormats, PrecisionOfHalves) {
  const HalfKernels* halves = kernels().halves;
  if (!halves) GTEST_SKIP() << "no products in float16";
  constexpr int64_t k = 4096;
  const RandomQuantized w(kColumns, k, {WeightFormat::kMxfp8, 8, 32}, FloatType::kFloat32, 1);
  Guarded<float> x(kRows * k);
  fill_activations({x.data(), x.size()}, 2);
  const auto weight = [&](int64_t j, int64_t i) { return w.scale(j, i) * w.value(j, i); };
  const Expected expected =
      multiply(kRows, kColumns, k, std::vector<double>(x.begin(), x.end()), weight, weight);
  const Halves in(*halves, x, k);
  std::vector<float> y(kRows * kColumns);
  halves->multiply(w.view, in.rows, kRows, 0, kColumns, y.data(), kColumns);
  double error = 0, size = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    error += std::pow(y[i] - expected.value[i], 2);
    size += std::pow(expected.value[i], 2);
  }
  RecordProperty("relative_error", std::to_string(std::sqrt(error / size)));
  EXPECT_LE(std::sqrt(error / size), 6e-4);
}

TEST_P(FloatFormats, CodesThatAreNoNumbers) {
  constexpr int64_t k = 96, n = 40, rows = 3;
  for (const uint8_t code : {uint8_t{0x7f}, uint8_t{0xff}}) {
    RandomQuantized w(n, k, {WeightFormat::kMxfp8, 8, 32}, FloatType::kFloat32, 4);
    for (int64_t at : {0, 70, 95}) w.weight[(7 + at % 5 * 8) * k + at] = code;
    Guarded<float> x(rows * k);
    fill_activations({x.data(), x.size()}, 5);
    auto expect_marks = [&](const std::vector<float>& y, const char* what) {
      for (int64_t i = 0; i < rows * n; ++i) {
        bool bad = false;
        for (int64_t at : {0, 70, 95}) bad |= i % n == 7 + at % 5 * 8;
        EXPECT_EQ(std::isnan(y[i]), bad) << what << " column " << i % n;
      }
    };
    std::vector<float> y(rows * n);
    Scratch scratch(kernels(), k);
    kernels().qmm_exact(w.view, x.data(), rows, 0, n, y.data(), n, Family::kDecode, scratch.data());
    expect_marks(y, "float32");
    if (const HalfKernels* halves = kernels().halves) {
      const Halves in(*halves, x, k);
      halves->multiply(w.view, in.rows, rows, 0, n, y.data(), n);
      expect_marks(y, "float16");
    }
  }
}

// Scales of nvfp4 without signs, which the random matrices lack, and one that is no number.
TEST_P(FloatFormats, PlainScales) {
  for (int64_t k : {16, 48, 256, 784, 2048}) {
    RandomQuantized w(kColumns, k, {WeightFormat::kNvfp4, 4, 16}, FloatType::kFloat32, k);
    for (uint8_t& code : w.scales) code &= 0x7f;
    Guarded<float> x(kRows * k), scales(kRows * k / 16), sums(kRows * k / 16);
    fill_activations({x.data(), x.size()}, 3 * k);
    Guarded<int8_t> q(kRows * k);
    const Int8Rows in{q.data(), scales.data(), sums.data()};
    Scratch scratch(kernels(), k);
    kernels().quantize_rows(x.data(), k, 0, kRows, w.view, Family::kDecode, in);
    std::vector<double> rounded(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const double scale = scales[i / 16];
      rounded[i] = scale == 0 ? 0 : scale * std::nearbyint(x[i] * (1.0f / scales[i / 16]));
    }
    const auto product = [&](int64_t m, int64_t begin, int64_t end, float* y) {
      kernels().qmm_fast(w.view, in, m, begin, end, y, kColumns, Family::kDecode, scratch.data());
    };
    // Codes are taken plus 6.
    check(w, rounded, 1e-5, product);
    if (HasFatalFailure()) return;
    const int64_t groups = k / 16;
    w.scales[20 * groups + groups / 2] = 0x7f;
    for (int64_t m : {1, 2, 3}) {
      std::vector<float> y(m * kColumns);
      product(m, 0, kColumns, y.data());
      for (int64_t i = 0; i < m * kColumns; ++i) EXPECT_EQ(std::isnan(y[i]), i % kColumns == 20);
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu
