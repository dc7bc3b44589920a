// Quantization modes without biases through the array operations: the kernels' plan, strides,
// families, threads and fallbacks. What the numbers mean is held by the golden ops.
#include <string>

#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "backend/fused_fixture.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

struct Packed {
  std::string mode;
  array w, scales;

  Packed(const array& dense, const std::string& mode_in) : Packed(pack(dense, mode_in), mode_in) {}
  array dense() const { return dequantize(w, scales, {}, {}, {}, mode, {}, float32); }
  array times(const array& x, bool transpose = true) const {
    return quantized_matmul(x, w, scales, {}, transpose, {}, {}, mode);
  }

 private:
  Packed(const std::vector<array>& parts, const std::string& mode_in)
      : mode(mode_in), w(parts.at(0)), scales(parts.at(1)) {}
  static std::vector<array> pack(const array& dense, const std::string& mode) {
    return quantize(dense, {}, {}, mode);
  }
};

class Modes : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Modes, testing::Values("mxfp4", "mxfp8", "nvfp4"));

TEST_P(Modes, ProductsMatchTheExpandedMatrix) {
  for (Dtype dtype : kFloats) {
    for (int m : {1, 5, 40}) {
      for (int k : {96, 256}) {
        SCOPED_TRACE(testing::Message() << dtype_name(dtype) << " " << m << " " << k);
        const int n = 96;
        const Packed q(random_array({n, k}, dtype, 1, 0.1f), GetParam());
        const array x = random_array({m, k}, dtype, 2), y = random_array({m, n}, dtype, 3);
        const array w = q.dense(), out = q.times(x);
        const std::vector<double> want = product(values(x), values(swapaxes(w, 0, 1)), m, k, n);
        expect_near(plain(out)[0], want, product_tolerance(dtype, k), 2);
        expect_near(out, want, product_tolerance(dtype, k), 2);
        expect_near(q.times(y, false), product(values(y), values(w), m, n, k),
                    product_tolerance(dtype, k), 2);
      }
    }
  }
}

// 48 is no multiple of 32: a row ends in half of what kernels take at a time.
TEST(HalfRows, DecodeAndPrefill) {
  const Packed q(random_array({40, 48}, float32, 1), "nvfp4");
  for (int m : {1, 20}) {
    const array x = random_array({m, 48}, float32, 2);
    expect_near(q.times(x), product(values(x), values(swapaxes(q.dense(), 0, 1)), m, 48, 40),
                product_tolerance(float32, 48), 2);
  }
}

TEST_P(Modes, FastIsWithinTheInt8Bound) {
  const int n = 64, k = 512;
  const Packed q(random_array({n, k}, float32, 1, 0.1f), GetParam());
  for (int m : {1, 30}) {
    const array x = random_array({m, k}, float32, 2);
    const std::vector<double> want = product(values(x), values(swapaxes(q.dense(), 0, 1)), m, k, n);
    ComputeScope scope({Precision::kFast, Phase::kAuto});
    const std::vector<double> got = values(q.times(x));
    expect_rounded_within(got, want, 1e-2);
  }
}

TEST_P(Modes, RowsAndThreadsChangeNoBitWithinAFamily) {
  const int n = 160, k = 288;
  const Packed q(random_array({n, k}, bfloat16, 1), GetParam());
  const array x = random_array({12, k}, bfloat16, 2);
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    for (Phase phase : {Phase::kDecode, Phase::kPrefill}) {
      ComputeScope scope({precision, phase});
      pool.set_threads(1);
      const std::vector<double> all = values(q.times(x));
      pool.set_threads(4);
      for (int r = 0; r < 12; r++) {
        const std::vector<double> one = values(q.times(slice(x, {r, 0}, {r + 1, k})));
        for (int i = 0; i < n; i++) ASSERT_EQ(one[i], all[size_t(r) * n + i]);
      }
    }
  }
  pool.set_threads(before);
}

TEST_P(Modes, GatherGroupsRowsByMatrix) {
  const Packed q(random_array({5, 32, 128}, float16, 1), GetParam());
  const array x = random_array({6, 1, 128}, float16, 2);
  const array lhs({0, 1, 2, 3, 4, 5, 0, 1}, {4, 2}, uint32);
  const array rhs({4, 0, 4, 2, 0, 4, 1, 4}, {4, 2}, uint32);
  const auto product = [&](const array& indices) {
    return gather_qmm(x, q.w, q.scales, {}, lhs, indices, true, {}, {}, q.mode);
  };
  const array out = product(rhs);
  ASSERT_EQ(out.shape(), (Shape{4, 2, 1, 32}));
  expect_near(out, values(plain(out)[0]), tolerance(float16), 4);
  const array taken =
      matmul(astype(take(x, lhs, 0), float32), swapaxes(take(q.dense(), rhs, 0), -1, -2));
  expect_near(out, values(taken), tolerance(float16), 4);
  EXPECT_THROW(product(array(5, uint32)).eval(), std::out_of_range);
}

TEST_P(Modes, EmbeddingTakesRows) {
  const Packed q(random_array({20, 128}, float32, 1), GetParam());
  const QuantMode mode = mode_named(GetParam()).value();
  const int group = default_group_size(mode), bits = default_bits(mode);
  const array ids({3, 19, 0, 3}, {2, 2}, int32);
  const array out = fast::embedding_q(ids, q.w, q.scales, {}, group, bits, mode);
  const array other = plain(out)[0];
  expect_same_bits(out, astype(take(q.dense(), ids, 0), float32));
  expect_same_bits(other, out);
  const array outside({20}, {1}, int32);
  EXPECT_THROW(fast::embedding_q(outside, q.w, q.scales, {}, group, bits, mode).eval(),
               std::out_of_range);
  EXPECT_THROW(fast::embedding_q(ids, q.w, q.scales, q.scales, group, bits, mode),
               std::invalid_argument);
  EXPECT_THROW(fast::linear_q(random_array({1, 128}, float32, 1), q.w, q.scales, {}, group, bits),
               std::invalid_argument);
}

TEST_P(Modes, BatchedAndStridedWeights) {
  const Packed q(random_array({3, 64, 128}, float32, 1), GetParam());
  const array x = random_array({3, 2, 128}, float32, 2);
  const array out = q.times(x);
  expect_near(out, values(matmul(x, swapaxes(q.dense(), -1, -2))), 1e-5, 2);
  // Every second row of a larger matrix.
  auto half = [](const array& a) { return slice(a, {0, 0, 0}, a.shape(), {1, 2, 1}); };
  expect_near(quantized_matmul(x, half(q.w), half(q.scales), {}, true, {}, {}, q.mode),
              values(slice(out, {0, 0, 0}, out.shape(), {1, 1, 2})), 1e-6);
}

}  // namespace
}  // namespace mlxa::test
