// Matrix products of every instruction set against double precision computed from the definition.
#include "backend/cpu/kernels/matmul_kernels.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include "backend/matmul_fixture.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kMaxM = 17, kMaxN = 70;
constexpr int64_t kSomeN[] = {1, 31, 32, 33, 70};
constexpr FloatType kTypes[] = {FloatType::kFloat32, FloatType::kFloat16, FloatType::kBFloat16};
constexpr Family kFamilies[] = {Family::kDecode, Family::kPrefill};
constexpr float kUntouched = 12345.0f;
constexpr double kTolerance = 1e-6;  // of the sum of the magnitudes of an element's terms

const char* family_name(Family family) { return family == Family::kDecode ? "decode" : "prefill"; }

// Runs `product(m, n_begin, n_end, y, ldy)` for the whole matrix, checks it, then for smaller M, N
// and splits of N, which must give the same bits and touch nothing else.
template <class Product>
void check_product(const Expected& expected, int64_t n, Product&& product,
                   const std::string& where) {
  const int64_t ldy = n + 3;
  std::vector<float> whole(kMaxM * ldy, kUntouched);
  product(kMaxM, 0, n, whole.data(), ldy);
  for (int64_t m = 0; m < kMaxM; ++m) {
    for (int64_t j = 0; j < n; ++j) {
      const double error = std::fabs(whole[m * ldy + j] - expected.value[m * n + j]);
      ASSERT_LE(error, kTolerance * expected.magnitude[m * n + j])
          << where << " m " << m << " n " << j << ": got " << whole[m * ldy + j] << ", expected "
          << expected.value[m * n + j];
    }
  }
  auto compare = [&](int64_t m, int64_t begin, int64_t end) {
    Guarded<float> part(m * n);
    std::fill(part.begin(), part.end(), kUntouched);
    product(m, begin, end, part.data(), n);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        const float want = j >= begin && j < end ? whole[i * ldy + j] : kUntouched;
        ASSERT_EQ(std::bit_cast<uint32_t>(part[i * n + j]), std::bit_cast<uint32_t>(want))
            << where << " rows " << m << " columns " << begin << " to " << end << ", at " << i
            << ", " << j << ": " << part[i * n + j] << " instead of " << want;
      }
    }
  };
  for (int64_t m = 1; m <= kMaxM; ++m) {
    for (int64_t end : kSomeN) {
      if (end <= n) compare(m, 0, end);
    }
  }
  for (int64_t begin = kColumnAlign; begin < n; begin += kColumnAlign) {
    compare(7, begin, n);
    compare(1, begin, std::min(n, begin + kColumnAlign));
  }
  for (int64_t m = 0; m < kMaxM; ++m) {
    for (int64_t j = n; j < ldy; ++j) ASSERT_EQ(whole[m * ldy + j], kUntouched) << where;
  }
}

class MatmulIsa : public KernelsOfIsa {};

class QuantizedMatmul : public testing::TestWithParam<std::tuple<Isa, Quantization>> {
 protected:
  void SetUp() override {
    if (!isa_supported(isa())) GTEST_SKIP() << "this processor does not run " << isa_name(isa());
  }
  Isa isa() const { return std::get<0>(GetParam()); }
  const Quantization& kind() const { return std::get<1>(GetParam()); }
  int group() const { return kind().group; }
  const MatmulKernels& kernels() const { return matmul_kernels(isa()); }

  // The kinds without biases have a scale type of their own.
  std::span<const FloatType> types() const {
    return std::span(kTypes).first(kind().affine() ? std::size(kTypes) : 1);
  }

  void check_all(FloatType type, int64_t n, int64_t k, bool at_start = false) {
    const RandomQuantized w(n, k, kind(), type, 7 * k + kind().bits, at_start);
    Guarded<float> x(kMaxM * k, at_start);
    fill_activations({x.data(), x.size()}, k);
    const std::string where = std::string(isa_name(isa())) + " " + kind().name() + " k " +
                              std::to_string(k) + " " + type_name(type) + " ";
    check_dequantize(w, where);
    check_exact(w, x, where + "exact ");
    if (kernels().tiles) {
      for (int parts : {1, 2}) {
        check_tiles(w, x, parts, where + "tiles " + std::to_string(parts) + " parts ", at_start);
      }
    }
    if (!has_int8_products(w.view)) return;
    for (int parts : {1, 2}) {
      check_int8(w, x, parts, where + std::to_string(parts) + " parts ", at_start);
    }
  }

 private:
  // `shift`: what is added to values inside a kernel and subtracted again.
  static Expected expect(const RandomQuantized& w, const std::vector<double>& x, double shift = 0) {
    return multiply(
        kMaxM, w.view.n, w.view.k, x,
        [&](int64_t j, int64_t i) { return w.scale(j, i) * w.value(j, i) + w.bias(j, i); },
        [&](int64_t j, int64_t i) {
          return std::fabs(w.scale(j, i)) * (std::fabs(w.value(j, i)) + shift) +
                 std::fabs(w.bias(j, i));
        });
  }

  void check_dequantize(const RandomQuantized& w, const std::string& where) {
    const int64_t begin = w.view.n > 4 ? 3 : 0;
    Guarded<float> out((w.view.n - begin) * w.view.k);
    kernels().dequantize(w.view, begin, w.view.n, out.data());
    for (int64_t j = begin; j < w.view.n; ++j) {
      for (int64_t i = 0; i < w.view.k; ++i) {
        const double scaled = w.scale(j, i) * w.value(j, i), bias = w.bias(j, i);
        // Without a bias the product is a float32.
        const double tolerance = kind().affine() ? 2e-7 * (std::fabs(scaled) + std::fabs(bias)) : 0;
        ASSERT_NEAR(out[(j - begin) * w.view.k + i], scaled + bias, tolerance)
            << where << j << ", " << i;
      }
    }
  }

  void check_exact(const RandomQuantized& w, const Guarded<float>& x, const std::string& where) {
    const Expected expected = expect(w, std::vector<double>(x.data(), x.data() + x.size()));
    for (Family family : kFamilies) {
      Scratch scratch(kernels(), w.view.k);
      check_product(
          expected, w.view.n,
          [&](int64_t m, int64_t begin, int64_t end, float* y, int64_t ldy) {
            kernels().qmm_exact(w.view, x.data(), m, begin, end, y, ldy, family, scratch.data());
          },
          where + family_name(family));
    }
  }

  void check_tiles(const RandomQuantized& w, const Guarded<float>& x, int parts,
                   const std::string& where, bool at_start) {
    const int64_t k = w.view.k, groups = k / w.view.group_size;
    std::vector<double> rounded(kMaxM * k);
    for (int64_t i = 0; i < kMaxM * k; ++i) {
      float left = x[i];
      for (int part = 0; part < parts; ++part) {
        const double nearest = decode(encode(left, FloatType::kBFloat16), FloatType::kBFloat16);
        rounded[i] += nearest;
        left -= static_cast<float>(nearest);
      }
    }
    Guarded<uint16_t> values(BFloat16Rows::count(kMaxM, k, parts), at_start);
    std::fill(values.begin(), values.end(), 0x7fc1);
    Guarded<float> sums(kind().affine() ? BFloat16Rows::padded_rows(kMaxM) * groups : 0, at_start);
    const BFloat16Rows rows{values.data(), sums.data(), parts};
    kernels().tiles->round_rows(x.data(), k, 5, kMaxM, w.view, rows);
    kernels().tiles->round_rows(x.data(), k, 0, 5, w.view, rows);
    const double offset = !kind().affine() ? 0.0 : kind().bits == 8 ? 128.0 : 1 << kind().bits;
    Guarded<uint8_t> scratch((kernels().tiles->scratch_bytes + 63) / 64 * 64);
    check_product(
        expect(w, rounded, offset), w.view.n,
        [&](int64_t m, int64_t begin, int64_t end, float* y, int64_t ldy) {
          kernels().tiles->multiply(w.view, rows, m, begin, end, y, ldy, scratch.data());
        },
        where);
  }

  void check_int8(const RandomQuantized& w, const Guarded<float>& x, int parts,
                  const std::string& where, bool at_start) {
    const int64_t k = w.view.k, step = activation_group(w.view), groups = k / step;
    std::vector<double> rounded(kMaxM * k), scales(kMaxM * parts * groups), sums(scales.size());
    for (int64_t at = 0; at < kMaxM * k; at += step) {
      float largest = 0.0f;
      for (int64_t i = at; i < at + step; ++i) largest = std::max(largest, std::fabs(x[i]));
      const float whole = largest / 127.0f;
      const float scale = std::bit_cast<float>(std::bit_cast<uint32_t>(whole) & 0xfffffffc);
      const float inverse = scale == 0.0f ? 0.0f : 1.0f / scale;
      double totals[2] = {};
      for (int64_t i = at; i < at + step; ++i) {
        const float ratio = x[i] * inverse;
        const double q = std::nearbyint(ratio);
        const double fine = std::clamp(std::nearbyint((ratio - q) * 256.0), -127.0, 127.0);
        rounded[i] = scale * (q + (parts == 2 ? fine / 256.0 : 0.0));
        totals[0] += q;
        totals[1] += fine;
        // A step is 1 / 127 of the largest value, or 1 / 256 of that; at a tie up to one is lost.
        ASSERT_LE(std::fabs(rounded[i] - x[i]), parts == 1 ? 0.5001 * scale : scale / 255.0);
      }
      for (int part = 0; part < parts; ++part) {
        const int64_t to = (at / k * parts + part) * groups + at % k / step;
        scales[to] = part == 0 ? scale : scale / 256.0;
        sums[to] = totals[part] * scales[to];
      }
    }
    const Expected expected = expect(w, rounded, kind().affine() ? 0.0 : 12.0);
    for (Family family : kFamilies) {
      Guarded<int8_t> q(kMaxM * parts * k, at_start);
      Guarded<float> got_scales(scales.size(), at_start), got_sums(sums.size(), at_start);
      const Int8Rows rows{q.data(), got_scales.data(), got_sums.data(), parts};
      kernels().quantize_rows(x.data(), k, 5, kMaxM, w.view, family, rows);
      kernels().quantize_rows(x.data(), k, 0, 5, w.view, family, rows);
      for (size_t i = 0; i < scales.size(); ++i) {
        ASSERT_EQ(got_scales[i], scales[i]) << where;
        ASSERT_NEAR(got_sums[i], sums[i], 1e-6 * std::fabs(sums[i])) << where;
      }
      Scratch scratch(kernels(), k);
      check_product(
          expected, w.view.n,
          [&](int64_t m, int64_t begin, int64_t end, float* y, int64_t ldy) {
            kernels().qmm_fast(w.view, rows, m, begin, end, y, ldy, family, scratch.data());
          },
          where + family_name(family));
      Guarded<uint8_t> arranged(kMaxM * parts * kernels().arranged_bytes(w.view, family));
      check_product(
          expected, w.view.n,
          [&](int64_t m, int64_t begin, int64_t end, float* y, int64_t ldy) {
            Int8Rows own = rows;
            own.arranged = arranged.size() ? arranged.data() : nullptr;
            const int64_t all = m * parts, split = (m + 1) / 2 * parts;
            kernels().arrange_rows(w.view, family, own, all, split, all);
            kernels().arrange_rows(w.view, family, own, all, 0, split);
            kernels().qmm_fast(w.view, own, m, begin, end, y, ldy, family, scratch.data());
          },
          where + family_name(family) + ", arranged");
    }
  }
};

TEST_P(QuantizedMatmul, EqualsTheDefinition) {
  for (int64_t k : {int64_t{group()}, int64_t{3} * group(), int64_t{640}, int64_t{17} * group()}) {
    for (FloatType type : types()) {
      check_all(type, kMaxN, k);
      if (HasFatalFailure()) return;
    }
  }
}

// More rows and columns than the panel of a kernel with tiles holds, and more than a block of k.
TEST_P(QuantizedMatmul, ManyRowsInTiles) {
  if (!kernels().tiles) GTEST_SKIP() << "no tiles";
  constexpr int64_t kDistinct = 75, kRows = 600, kColumns = 300;
  const int64_t k = 1024 + 256 + (group() == 16 ? 48 : group());
  const RandomQuantized w(kColumns, k, kind(), FloatType::kBFloat16, 5);
  std::vector<float> x(kRows * k), y(kRows * kColumns);
  fill_activations({x.data(), static_cast<size_t>(kDistinct * k)}, 6);
  for (int64_t i = 0; i < kRows * k; ++i) x[i] = x[i % (kDistinct * k)];
  for (int64_t i = 0; i < kRows * k; ++i) {  // so that nothing is rounded
    x[i] = static_cast<float>(decode(encode(x[i], FloatType::kBFloat16), FloatType::kBFloat16));
  }
  Guarded<uint16_t> values(BFloat16Rows::count(kRows, k, 1));
  Guarded<float> sums(BFloat16Rows::padded_rows(kRows) * (k / group()));
  Guarded<uint8_t> scratch((kernels().tiles->scratch_bytes + 63) / 64 * 64);
  const BFloat16Rows rows{values.data(), sums.data()};
  kernels().tiles->round_rows(x.data(), k, 0, kRows, w.view, rows);
  kernels().tiles->multiply(w.view, rows, kRows, 0, kColumns, y.data(), kColumns, scratch.data());
  for (int64_t j = 0; j < kColumns; ++j) {
    for (int64_t r = 0; r < kDistinct; ++r) {
      double want = 0.0, magnitude = 0.0;
      for (int64_t i = 0; i < k; ++i) {
        want += x[r * k + i] * (w.scale(j, i) * w.value(j, i) + w.bias(j, i));
        magnitude +=
            std::fabs(x[r * k + i]) *
            (std::fabs(w.scale(j, i)) * (std::fabs(w.value(j, i)) + 128) + std::fabs(w.bias(j, i)));
      }
      ASSERT_LE(std::fabs(y[r * kColumns + j] - want), kTolerance * magnitude) << r << ", " << j;
    }
    for (int64_t r = kDistinct; r < kRows; ++r) {
      ASSERT_EQ(y[r * kColumns + j], y[r % kDistinct * kColumns + j]) << r << ", " << j;
    }
  }
}

TEST_P(QuantizedMatmul, LongRowsAndOtherAlignment) {
  check_all(FloatType::kBFloat16, 33, 4096 + 5 * 128 + 2 * group(), true);
  check_all(FloatType::kFloat16, 1, 9 * 1024, true);
}

// Fewer rows than a block of them, and every rest beside whole blocks: the matrix ends at a guard.
TEST_P(QuantizedMatmul, OddNumbersOfColumns) {
  for (int64_t n : {1, 2, 3, 5, 6, 7, 11, 13, 23, 31, 47, 67}) {
    for (FloatType type : types()) {
      check_all(type, n, 5 * group(), n % 2);
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, QuantizedMatmul, all_isas_and_quantizations(), isa_and_quantization);

// Every code under a scale of one, and every scale over a code of one.
TEST_P(MatmulIsa, EveryCodeAndScale) {
  auto expand = [&](WeightFormat format, int bits, int group, const uint8_t* codes, int64_t k,
                    const uint8_t* scales) {
    std::vector<float> out(k);
    const QuantizedMatrix w{codes, scales, nullptr, FloatType::kFloat32, 1, k, bits, group, format};
    kernels().dequantize(w, 0, 1, out.data());
    return out;
  };
  std::array<uint8_t, 256> bytes;
  for (int i = 0; i < 256; ++i) bytes[i] = static_cast<uint8_t>(i);
  const std::vector<uint8_t> ones(16 * 256, 0x22), e8m0_one(256, 127), e4m3_one(512, 0x38);
  auto same = [](float got, double want) {
    return std::isnan(want) ? std::isnan(got) : got == static_cast<float>(want);
  };
  const auto e4m3 = [](int code) {
    return (code & 0x7f) == 0x7f ? std::nan("") : small_float(code, 4, 3);
  };
  const auto fp8 = expand(WeightFormat::kMxfp8, 8, 32, bytes.data(), 256, e8m0_one.data());
  const auto fp4 = expand(WeightFormat::kMxfp4, 4, 32, bytes.data(), 512, e8m0_one.data());
  const auto nv4 = expand(WeightFormat::kNvfp4, 4, 16, bytes.data(), 512, e4m3_one.data());
  const auto e8m0 = expand(WeightFormat::kMxfp4, 4, 32, ones.data(), 32 * 256, bytes.data());
  const auto nv = expand(WeightFormat::kNvfp4, 4, 16, ones.data(), 16 * 256, bytes.data());
  for (int i = 0; i < 256; ++i) {
    EXPECT_TRUE(same(fp8[i], e4m3(i))) << i << ": " << fp8[i];
    EXPECT_TRUE(same(nv[16 * i], e4m3(i))) << i << ": " << nv[16 * i];
    const double scale = i == 255 ? INFINITY : std::ldexp(1.0, i - 127);
    EXPECT_TRUE(same(e8m0[32 * i], scale)) << i << ": " << e8m0[32 * i];
    for (int half = 0; half < 2; ++half) {
      const double value = small_float(i >> 4 * half & 15, 2, 1);
      EXPECT_TRUE(same(fp4[2 * i + half], value)) << i << ": " << fp4[2 * i + half];
      EXPECT_TRUE(same(nv4[2 * i + half], value)) << i << ": " << nv4[2 * i + half];
    }
  }
}

// Random dense matrix; a stride of -1 stands for the contiguous one.
void check_dense(const MatmulKernels& kernels, FloatType type, int64_t n, int64_t k,
                 int64_t row_stride, int64_t col_stride, Family family, const std::string& isa) {
  const int64_t count = n && k ? (n - 1) * row_stride + (k - 1) * col_stride + 1 : 0;
  Guarded<uint8_t> data(count * size_of(type));
  std::mt19937_64 rng(k * 31 + n);
  std::normal_distribution<float> normal(0.0f, 0.3f);
  for (int64_t i = 0; i < count; ++i) put(data.data(), i, encode(normal(rng), type), type);
  const int64_t ldx = k + 5;
  Guarded<float> x(k ? (kMaxM - 1) * ldx + k : 0);
  fill_activations({x.data(), x.size()}, k);
  std::vector<double> rows(kMaxM * k);
  for (int64_t i = 0; i < kMaxM * k; ++i) rows[i] = x[i / k * ldx + i % k];
  auto weight = [&](int64_t j, int64_t i) {
    return decode(get(data.data(), j * row_stride + i * col_stride, type), type);
  };
  const Expected expected = multiply(kMaxM, n, k, rows, weight,
                                     [&](int64_t j, int64_t i) { return std::fabs(weight(j, i)); });
  const DenseMatrix w{data.data(), type, n, k, row_stride, col_stride};
  Scratch scratch(kernels, k);
  check_product(
      expected, n,
      [&](int64_t m, int64_t begin, int64_t end, float* y, int64_t ldy) {
        kernels.dense(w, x.data(), ldx, m, begin, end, y, ldy, family, scratch.data());
      },
      isa + " dense " + type_name(type) + " k " + std::to_string(k) + " strides " +
          std::to_string(row_stride) + ", " + std::to_string(col_stride) + " " +
          family_name(family));
}

TEST_P(MatmulIsa, Dense) {
  for (int64_t k : {0, 1, 5, 8, 31, 64, 200, 515, 1100}) {
    for (FloatType type : kTypes) {
      for (Family family : kFamilies) {
        check_dense(kernels(), type, kMaxN, k, k + 1, 1, family, isa_name(GetParam()));
        if (HasFatalFailure()) return;
      }
      check_dense(kernels(), type, kMaxN, k, 1, kMaxN + 3, Family::kPrefill, isa_name(GetParam()));
      check_dense(kernels(), type, 33, k, 2 * k + 1, 2, Family::kPrefill, isa_name(GetParam()));
      check_dense(kernels(), type, 33, k, 3, 100, Family::kPrefill, isa_name(GetParam()));
      if (HasFatalFailure()) return;
    }
  }
}

// f16 in full: subnormal numbers, zeros and infinities, which the random matrices lack.
TEST_P(MatmulIsa, HalfValues) {
  const std::array<uint16_t, 8> raw = {0x0001, 0x83ff, 0x0400, 0x7bff, 0x8000, 0x3c00, 0x7c00, 0};
  for (Family family : kFamilies) {
    for (size_t i = 0; i < raw.size(); ++i) {
      const DenseMatrix w{&raw[i], FloatType::kFloat16, 1, 1, 1, 1};
      const float one = 1.0f;
      float y = 0.0f;
      Scratch scratch(kernels(), 1);
      kernels().dense(w, &one, 1, 1, 0, 1, &y, 1, family, scratch.data());
      const double want =
          raw[i] == 0x7c00 ? std::numeric_limits<double>::infinity() : decode(raw[i], w.type);
      EXPECT_EQ(y, want) << isa_name(GetParam()) << " " << std::hex << raw[i];
    }
  }
}

// Rounding goes to even, the largest value to +-127, tiny and non-finite values nowhere harmful.
TEST_P(MatmulIsa, QuantizeEdges) {
  constexpr int64_t kGroup = 32;
  const RandomQuantized w(1, kGroup, {WeightFormat::kAffine, 8, 32}, FloatType::kFloat32, 1);
  auto run = [&](std::array<float, kGroup> x, float* scale, float* sum) {
    std::array<int8_t, kGroup> q;
    kernels().quantize_rows(x.data(), kGroup, 0, 1, w.view, Family::kDecode,
                            {q.data(), scale, sum});
    std::sort(q.begin(), q.end());
    return q;
  };
  float scale = 0.0f, sum = 0.0f;
  auto q = run({127.0f, -127.0f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f}, &scale, &sum);
  EXPECT_EQ(scale, 1.0f);
  EXPECT_EQ(sum, 2.0f);
  EXPECT_EQ(q.front(), -127);
  EXPECT_EQ(q[1], -2);
  EXPECT_EQ(q[29], 2);
  EXPECT_EQ(q[30], 2);
  EXPECT_EQ(q.back(), 127);

  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  q = run({kTiny, -kTiny}, &scale, &sum);
  EXPECT_EQ(scale, 0.0f);
  EXPECT_EQ(q.front(), 0);
  EXPECT_EQ(q.back(), 0);
  q = run({190 * kTiny, -190 * kTiny}, &scale, &sum);
  EXPECT_GE(q.front(), -127);

  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  run({1.0f, kInfinity}, &scale, &sum);
  EXPECT_FALSE(std::isfinite(scale));
  run({1.0f, std::numeric_limits<float>::quiet_NaN(), 3.0f}, &scale, &sum);
  EXPECT_TRUE(std::isnan(scale));
  EXPECT_TRUE(std::isnan(sum));
}

INSTANTIATE_TEST_SUITE_P(All, MatmulIsa,
                         testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx),
                         [](const auto& info) { return std::string(isa_name(info.param)); });

}  // namespace
}  // namespace mlxa::cpu
