// Decode products of several rows of x: each row's bits are those that it gets alone, however many
// there are, whatever kernels serve them.
#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "backend/matmul_fixture.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kMostRows = 40;
constexpr float kUntouched = 12345.0f;

class DecodeRows : public testing::TestWithParam<std::tuple<Isa, Quantization>> {
 protected:
  void SetUp() override {
    if (!isa_supported(isa())) GTEST_SKIP() << "this processor does not run " << isa_name(isa());
    if (kind().format == WeightFormat::kMxfp8) GTEST_SKIP() << "no products with int8 activations";
  }
  Isa isa() const { return std::get<0>(GetParam()); }
  const Quantization& kind() const { return std::get<1>(GetParam()); }
  const MatmulKernels& kernels() const { return matmul_kernels(isa()); }

  // `x`: kMostRows rows.
  void check(const RandomQuantized& w, const Guarded<float>& x, int parts, bool at_start) {
    const int64_t n = w.view.n, k = w.view.k, groups = k / activation_group(w.view);
    Guarded<int8_t> q(kMostRows * parts * k, at_start);
    Guarded<float> scales(kMostRows * parts * groups, at_start), sums(scales.size(), at_start);
    const Int8Rows all{q.data(), scales.data(), sums.data(), parts};
    kernels().quantize_rows(x.data(), k, 0, kMostRows, w.view, Family::kDecode, all);
    Scratch scratch(kernels(), k);
    std::vector<float> alone(kMostRows * n);
    for (int64_t r = 0; r < kMostRows; ++r) {
      const int64_t at = r * parts;
      kernels().qmm_fast(w.view,
                         {all.q + at * k, all.scales + at * groups, all.sums + at * groups, parts},
                         1, 0, n, alone.data() + r * n, n, Family::kDecode, scratch.data());
    }
    for (int64_t m = 1; m <= kMostRows; ++m) {
      Guarded<uint8_t> memory(m * parts * kernels().arranged_bytes(w.view, Family::kDecode));
      Int8Rows arranged = all;
      arranged.arranged = memory.size() ? memory.data() : nullptr;
      const int64_t split = m / 2 * parts;
      kernels().arrange_rows(w.view, Family::kDecode, arranged, m * parts, split, m * parts);
      kernels().arrange_rows(w.view, Family::kDecode, arranged, m * parts, 0, split);
      for (const Int8Rows& rows : {all, arranged}) {
        const int64_t ldy = n + m % 3;
        Guarded<float> y((m - 1) * ldy + n, at_start);
        std::fill(y.begin(), y.end(), kUntouched);
        const int64_t cut = m % 2 ? n : std::min(n, kColumnAlign);
        for (auto [from, to] : {std::pair{cut, n}, std::pair{int64_t{0}, cut}}) {
          kernels().qmm_fast(w.view, rows, m, from, to, y.data(), ldy, Family::kDecode,
                             scratch.data());
        }
        for (int64_t i = 0; i < static_cast<int64_t>(y.size()); ++i) {
          const float want = i % ldy < n ? alone[i / ldy * n + i % ldy] : kUntouched;
          if (std::isnan(want) && std::isnan(y[i])) continue;
          ASSERT_EQ(std::bit_cast<uint32_t>(y[i]), std::bit_cast<uint32_t>(want))
              << "rows " << m << " at " << i / ldy << ", " << i % ldy << ": " << y[i]
              << " instead of " << want << (rows.arranged ? ", arranged" : "");
        }
      }
    }
  }
};

TEST_P(DecodeRows, HaveTheBitsOfEachAlone) {
  const int64_t group = kind().group;
  const struct {
    int64_t n, k;
    FloatType type;
    bool at_start;
  } cases[] = {{70, group, FloatType::kBFloat16, false},
               {15, 5 * group, FloatType::kFloat32, true},
               {33, 1024 + 3 * group, FloatType::kFloat16, false},
               {1, 2048 + group, FloatType::kBFloat16, true}};
  for (const auto& [n, k, type, at_start] : cases) {
    const RandomQuantized w(n, k, kind(), type, k + n, at_start);
    Guarded<float> x(kMostRows * k, at_start);
    fill_activations({x.data(), x.size()}, k);
    for (int parts : {1, 2}) {
      SCOPED_TRACE(testing::Message() << "n " << n << " k " << k << " parts " << parts);
      check(w, x, parts, at_start);
      if (HasFatalFailure()) return;
    }
  }
}

// Magnitudes at which scales, or their products with the integers, are no normal numbers.
TEST_P(DecodeRows, HaveTheBitsOfEachAloneAtTheEndsOfTheRange) {
  const int64_t k = 3 * 128 + 2 * kind().group, n = 17;
  const RandomQuantized w(n, k, kind(), FloatType::kBFloat16, 3);
  constexpr float kSizes[] = {1e-45f, 1e-38f, 1e-36f, 1.0f, 1e32f, 1e36f, 3e38f};
  Guarded<float> x(kMostRows * k);
  fill_activations({x.data(), x.size()}, 4);
  for (int64_t i = 0; i < kMostRows * k; ++i) {
    x[i] = std::clamp(x[i], -1.0f, 1.0f) * kSizes[i / k % std::size(kSizes)];
  }
  x[2 * k + 7] = std::numeric_limits<float>::quiet_NaN();
  x[5 * k + 40] = std::numeric_limits<float>::infinity();
  for (int parts : {1, 2}) {
    check(w, x, parts, false);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DecodeRows, all_isas_and_quantizations(), isa_and_quantization);

}  // namespace
}  // namespace mlxa::cpu
