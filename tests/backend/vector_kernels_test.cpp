// The vector kernels of every instruction set that this machine runs.
#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/half.h"

#include "backend/cpu/kernels/vector_dispatch.h"
#include "backend/matmul_fixture.h"

namespace mlxa::cpu {
namespace {

class VectorIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_supported(GetParam())) GTEST_SKIP() << "not on this machine";
  }
  const VectorKernels& kernels() const { return vector_kernels(GetParam()); }

  std::vector<float> random(size_t n, float deviation = 1) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> out(n);
    for (float& x : out) x = normal(engine_);
    return out;
  }

 private:
  std::mt19937 engine_{42};
};

INSTANTIATE_TEST_SUITE_P(All, VectorIsa, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512),
                         [](const auto& info) { return std::string(isa_name(info.param)); });

TEST_P(VectorIsa, WidensEvery16BitPattern) {
  std::vector<uint16_t> bits(65536);
  for (size_t i = 0; i < bits.size(); i++) bits[i] = static_cast<uint16_t>(i);
  std::vector<float> out(bits.size());
  kernels().load(bits.data(), FloatType::kFloat16, 65536, out.data());
  for (size_t i = 0; i < bits.size(); i++) {
    const float want = detail::half_bits_to_float(bits[i]);
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(out[i]));
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(out[i]), std::bit_cast<uint32_t>(want)) << i;
    }
  }
  kernels().load(bits.data(), FloatType::kBFloat16, 65536, out.data());
  for (size_t i = 0; i < bits.size(); i++) {
    ASSERT_EQ(std::bit_cast<uint32_t>(out[i]), uint32_t(bits[i]) << 16);
  }
}

TEST_P(VectorIsa, NarrowsAsTheTypesDo) {
  std::mt19937 engine(1);
  std::vector<float> in{0.0f,     -0.0f,         65504.0f,      65519.99f,     65520.0f,
                        1e-8f,    5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 6.1e-5f,
                        INFINITY, -INFINITY,     3e38f,         3.4e38f};
  for (int i = 0; i < 100000; i++) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(engine()));
    if (!std::isnan(x)) in.push_back(x);
    in.push_back(std::ldexp(static_cast<float>(engine()), -48));
  }
  std::vector<uint16_t> half(in.size()), brain(in.size());
  const auto n = static_cast<int64_t>(in.size());
  kernels().store(in.data(), FloatType::kFloat16, n, half.data());
  kernels().store(in.data(), FloatType::kBFloat16, n, brain.data());
  for (size_t i = 0; i < in.size(); i++) {
    ASSERT_EQ(half[i], detail::float_to_half_bits(in[i])) << in[i];
    ASSERT_EQ(brain[i], detail::float_to_bfloat_bits(in[i])) << in[i];
  }
  const float nan = NAN;
  kernels().store(&nan, FloatType::kFloat16, 1, half.data());
  kernels().store(&nan, FloatType::kBFloat16, 1, brain.data());
  EXPECT_TRUE(std::isnan(detail::half_bits_to_float(half[0])));
  EXPECT_TRUE(std::isnan(detail::bfloat_bits_to_float(brain[0])));
}

TEST_P(VectorIsa, TouchesNothingBehindARow) {
  for (FloatType type : {FloatType::kFloat32, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (int64_t n = 0; n < 70; n++) {
      const std::vector<float> in = random(80);
      std::vector<uint8_t> out(80 * 4, 0xab);
      kernels().store(in.data(), type, n, out.data());
      const size_t end = static_cast<size_t>(n) * size_of(type);
      for (size_t i = end; i < out.size(); i++) ASSERT_EQ(out[i], 0xab);
      std::vector<float> back(80, -7);
      kernels().load(out.data(), type, n, back.data());
      for (size_t i = static_cast<size_t>(n); i < back.size(); i++) ASSERT_EQ(back[i], -7);
    }
  }
}

TEST_P(VectorIsa, ExponentialIsAccurate) {
  std::vector<float> scores(kKeyTile);
  for (float x = -100; x < 0; x += 0.37f) {
    for (int64_t t = 0; t < kKeyTile; t++) scores[t] = x + 0.011f * static_cast<float>(t);
    scores[0] = 0.5f;
    const std::vector<float> before = scores;
    float max = -INFINITY, sum = 0;
    kernels().softmax_step(scores.data(), 0, kKeyTile, &max, &sum);
    double total = 0;
    for (int64_t t = 0; t < kKeyTile; t++) {
      const double exact = std::exp(static_cast<double>(before[t] - max));
      total += exact;
      if (exact < 1e-37) continue;  // subnormal: fewer bits
      ASSERT_NEAR(scores[t] / exact, 1, 2.4e-7) << before[t];
    }
    ASSERT_NEAR(sum / total, 1, 1e-6);
  }
}

TEST_P(VectorIsa, SoftmaxLeavesOutKeysAndWeighsWhatWasGathered) {
  const std::vector<float> before = random(kKeyTile, 30);
  for (int64_t begin = 0; begin < kKeyTile; begin++) {
    for (int64_t end = begin + 1; end <= kKeyTile; end++) {
      const float largest = *std::max_element(before.begin() + begin, before.begin() + end);
      for (float max : {-INFINITY, largest - 200, largest - 3, largest, largest + 2}) {
        std::vector<float> scores = before;
        float new_max = max, sum = 5;
        const float factor = kernels().softmax_step(scores.data(), begin, end, &new_max, &sum);
        ASSERT_EQ(new_max, std::max(max, largest));
        const double want_factor = std::exp(double(max - new_max));
        ASSERT_NEAR(factor, want_factor, 3e-7);
        double total = 5 * want_factor;
        for (int64_t t = 0; t < kKeyTile; t++) {
          const bool seen = t >= begin && t < end;
          const double want = seen ? std::exp(double(before[t] - new_max)) : 0;
          ASSERT_NEAR(scores[t], want, 2.4e-7 * want + 2e-38) << begin << " to " << end;
          ASSERT_TRUE(seen || scores[t] == 0.0f);
          total += want;
        }
        ASSERT_NEAR(sum / total, 1, 1e-6);
      }
    }
  }
}

TEST_P(VectorIsa, ScoresAreDotProductsWhateverTheBlocking) {
  for (int64_t dim : {16, 64, 80, 128, 256}) {
    const std::vector<float> q = random(9 * dim), k = random(kKeyTile * dim);
    for (int64_t keys : {1, 5, 16, 31, 32}) {
      std::vector<float> all(9 * kKeyTile), one(kKeyTile);
      kernels().scores(q.data(), 9, k.data(), keys, dim, all.data());
      for (int64_t r = 0; r < 9; r++) {
        kernels().scores(q.data() + r * dim, 1, k.data(), keys, dim, one.data());
        for (int64_t t = 0; t < keys; t++) {
          double dot = 0;
          for (int64_t d = 0; d < dim; d++) dot += double(q[r * dim + d]) * k[t * dim + d];
          ASSERT_NEAR(all[r * kKeyTile + t], dot, 2e-5);
          ASSERT_EQ(all[r * kKeyTile + t], one[t]);
        }
      }
    }
  }
}

TEST_P(VectorIsa, AccumulateAddsRowsInOrder) {
  const int64_t dim = 176, rows = 7;
  const std::vector<float> weights = random(rows * kKeyTile), values = random(kKeyTile * dim);
  const std::vector<float> factors = random(rows), start = random(rows * dim);
  std::vector<float> all = start;
  kernels().accumulate(weights.data(), factors.data(), rows, values.data(), 3, 29, dim, all.data());
  for (int64_t r = 0; r < rows; r++) {
    std::vector<float> one(start.begin() + r * dim, start.begin() + (r + 1) * dim);
    kernels().accumulate(weights.data() + r * kKeyTile, factors.data() + r, 1, values.data(), 3, 29,
                         dim, one.data());
    for (int64_t d = 0; d < dim; d++) {
      double want = double(factors[r]) * start[r * dim + d];
      for (int64_t t = 3; t < 29; t++) {
        want += double(weights[r * kKeyTile + t]) * values[t * dim + d];
      }
      ASSERT_NEAR(one[d], want, 2e-5);
      ASSERT_EQ(all[r * dim + d], one[d]);
    }
  }
}

TEST_P(VectorIsa, EmptyPartsMergeToNothing) {
  std::vector<float> out = random(32), part = random(32);
  const std::vector<float> before = out;
  float max = 0.3f, sum = 2;
  kernels().merge(&max, &sum, out.data(), -INFINITY, 0, part.data(), 32);
  EXPECT_EQ(out, before);
  EXPECT_EQ(max, 0.3f);
  EXPECT_EQ(sum, 2);
  max = -INFINITY, sum = 0;
  std::fill(out.begin(), out.end(), 0.0f);
  kernels().merge(&max, &sum, out.data(), 1.5f, 4, part.data(), 32);
  EXPECT_EQ(out, part);
  EXPECT_EQ(max, 1.5f);
  EXPECT_EQ(sum, 4);
}

// One row of each kernel in guarded buffers, of `type`; `n` is even where rope needs pairs.
struct RowCase {
  FloatType type;
  int64_t n;
  bool at_start;
};

class RowRun {
 public:
  RowRun(const RowCase& c, std::span<const float> x, std::span<const float> y,
         std::span<const float> w)
      : c_(c),
        x_(bytes(), c.at_start),
        y_(bytes(), c.at_start),
        w_(bytes(), c.at_start),
        cosine_(c.n, c.at_start),
        sine_(c.n, c.at_start) {
    for (int64_t i = 0; i < c.n; i++) {
      put(x_.data(), i, encode(x[i], c.type), c.type);
      put(y_.data(), i, encode(y[i], c.type), c.type);
      put(w_.data(), i, encode(w[i], c.type), c.type);
      cosine_[i] = y[i];
      sine_[i] = w[i];
    }
  }

  /// The outputs of every row kernel, one after the other.
  std::vector<double> all(const VectorKernels& k) {
    std::vector<double> out;
    const int64_t n = c_.n;
    run(out, [&](void* to) { k.rms_norm(x_.data(), w_.data(), 1e-5f, c_.type, n, to); });
    run(out, [&](void* to) { k.rms_norm(x_.data(), nullptr, 1e-5f, c_.type, n, to); });
    run(out,
        [&](void* to) { k.layer_norm(x_.data(), w_.data(), y_.data(), 1e-2f, c_.type, n, to); });
    run(out, [&](void* to) { k.swiglu(x_.data(), y_.data(), c_.type, n, to); });
    run(out, [&](void* to) {
      Guarded<uint8_t> sum(bytes(), c_.at_start);
      k.add_rms_norm(x_.data(), y_.data(), w_.data(), 1e-5f, c_.type, n, sum.data(), to);
      append(out, sum.data());
    });
    for (bool traditional : {false, true}) {
      const int64_t dims = n - n % 4;
      run(out, [&](void* to) {
        k.rope(x_.data(), cosine_.data(), sine_.data(), traditional, dims, c_.type, n, to);
      });
    }
    return out;
  }

 private:
  size_t bytes() const { return static_cast<size_t>(c_.n) * size_of(c_.type); }
  void append(std::vector<double>& out, const uint8_t* row) const {
    for (int64_t i = 0; i < c_.n; i++) out.push_back(decode(get(row, i, c_.type), c_.type));
  }
  template <class Kernel>
  void run(std::vector<double>& out, Kernel&& kernel) {
    Guarded<uint8_t> to(bytes(), c_.at_start);
    kernel(to.data());
    append(out, to.data());
  }

  RowCase c_;
  Guarded<uint8_t> x_, y_, w_;
  Guarded<float> cosine_, sine_;
};

TEST_P(VectorIsa, RowsAgreeWithPlainCppAndStayInside) {
  const std::vector<float> x = random(600), y = random(600), w = random(600);
  std::vector<int64_t> lengths{128, 255, 578};
  for (int64_t n = 1; n < 70; n++) lengths.push_back(n);
  for (FloatType type : {FloatType::kFloat32, FloatType::kFloat16, FloatType::kBFloat16}) {
    const double tolerance = type == FloatType::kFloat32   ? 2e-6
                             : type == FloatType::kFloat16 ? 1e-3
                                                           : 8e-3;
    for (int64_t n : lengths) {
      SCOPED_TRACE(testing::Message() << type_name(type) << " " << n);
      RowRun rows({type, n, n % 2 == 1}, x, y, w);
      const std::vector<double> got = rows.all(kernels());
      const std::vector<double> want = rows.all(vector_kernels(Isa::kScalar));
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < got.size(); i++) {
        ASSERT_NEAR(got[i], want[i], tolerance * (1 + std::fabs(want[i]))) << i;
      }
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu
