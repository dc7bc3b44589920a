// Products through the array operations: shapes, strides, types, families, threads.
#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "array/fast/fallbacks.h"
#include "backend/fused_fixture.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

TEST(Matmul, AnyShapeStrideAndType) {
  for (Dtype dtype : kFloats) {
    for (int m : {1, 3, 20}) {
      for (int k : {1, 37, 96}) {
        for (int n : {1, 33, 130}) {
          SCOPED_TRACE(testing::Message() << dtype_name(dtype) << m << "," << k << "," << n);
          const array a = random_array({m, k}, dtype, 1), b = random_array({k, n}, dtype, 2);
          const std::vector<double> want = product(values(a), values(b), m, k, n);
          const array bt = contiguous(swapaxes(b, 0, 1)), at = contiguous(swapaxes(a, 0, 1));
          const double bound = product_tolerance(dtype, k);
          expect_near(matmul(a, b), want, bound, 2);
          expect_near(matmul(a, swapaxes(bt, 0, 1)), want, bound, 2);
          expect_near(matmul(swapaxes(at, 0, 1), b), want, bound, 2);
        }
      }
    }
  }
}

TEST(Matmul, BatchesBroadcast) {
  const array a = random_array({4, 1, 5, 16}, float32, 1), b = random_array({3, 16, 9}, float32, 2);
  const array out = matmul(a, b);
  ASSERT_EQ(out.shape(), (Shape{4, 3, 5, 9}));
  const std::vector<double> as = values(a), bs = values(b), got = values(out);
  for (size_t i = 0; i < 4; i++) {
    for (size_t j = 0; j < 3; j++) {
      const std::vector<double> want =
          product({as.begin() + i * 80, as.begin() + i * 80 + 80},
                  {bs.begin() + j * 144, bs.begin() + j * 144 + 144}, 5, 16, 9);
      for (size_t e = 0; e < 45; e++) ASSERT_NEAR(got[(i * 3 + j) * 45 + e], want[e], 1e-5);
    }
  }
}

TEST(Matmul, ManyRowsGoInPasses) {
  const array a = random_array({1100, 32}, bfloat16, 1), w = random_array({40, 32}, bfloat16, 2);
  const array b = swapaxes(w, 0, 1);
  expect_near(matmul(a, b), product(values(a), values(b), 1100, 32, 40), tolerance(bfloat16), 2);
}

TEST(AddMM, ScalesAndAdds) {
  for (Dtype dtype : kFloats) {
    const array a = random_array({6, 20}, dtype, 1), b = random_array({20, 30}, dtype, 2);
    const array c = random_array({30}, dtype, 3);
    std::vector<double> want = product(values(a), values(b), 6, 20, 30);
    const std::vector<double> cs = values(c);
    for (size_t i = 0; i < want.size(); i++) want[i] = 0.5 * want[i] + 2 * cs[i % 30];
    expect_near(addmm(c, a, b, 0.5f, 2.0f), want, tolerance(dtype), 2);
  }
}

TEST(GatherMM, PicksMatrices) {
  const array a = random_array({3, 2, 16}, float32, 1), b = random_array({4, 16, 8}, float32, 2);
  const array lhs({2, 0}, {2}, uint32), rhs({3, 3}, {2}, uint32);
  const array out = gather_mm(a, b, lhs, rhs);
  const array other = plain(out)[0];
  expect_near(other, values(out), 1e-5);
  const array picked = take(b, array(3, uint32), 0);
  expect_near(out, values(stack({matmul(take(a, 2, 0), picked), matmul(take(a, 0, 0), picked)}, 0)),
              1e-5);
  EXPECT_THROW(gather_mm(a, b, lhs, array({4, 0}, {2}, uint32)).eval(), std::out_of_range);
}

class Quantized : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Bits, Quantized, testing::Values(2, 3, 4, 5, 6, 8));

TEST_P(Quantized, RoundTripIsWithinHalfAStep) {
  const int bits = GetParam();
  for (int group : {32, 64, 128}) {
    const array w = random_array({5, 256}, float32, 1);
    const std::vector<array> q = quantize(w, group, bits);
    const std::vector<double> ws = values(w),
                              back = values(dequantize(q[0], q[1], q[2], group, bits));
    const std::vector<double> scales = values(q[1]);
    for (size_t i = 0; i < ws.size(); i++) {
      // The end of the range that is not kept exactly may be clipped by up to half a step more.
      ASSERT_LE(std::fabs(ws[i] - back[i]), 1.01 * std::fabs(scales[i / group])) << i;
    }
    for (size_t g = 0; g < scales.size(); g++) {  // the value of largest magnitude is exact
      size_t at = g * group;
      for (size_t i = at; i < (g + 1) * group; i++) {
        if (std::fabs(ws[i]) > std::fabs(ws[at])) at = i;
      }
      ASSERT_NEAR(back[at], ws[at], 1e-5 * std::fabs(ws[at]));
    }
  }
}

TEST_P(Quantized, ProductsMatchTheExpandedMatrix) {
  const int bits = GetParam();
  for (Dtype dtype : kFloats) {
    for (int group : {32, 64, 128}) {
      for (int m : {1, 5, 40}) {
        SCOPED_TRACE(testing::Message() << dtype_name(dtype) << " " << group << " " << m);
        const int n = 96, k = 256;
        const std::vector<array> q = quantize(random_array({n, k}, dtype, 1, 0.1f), group, bits);
        const array x = random_array({m, k}, dtype, 2);
        const array w = dequantize(astype(q[0], uint32), astype(q[1], float32),
                                   astype(q[2], float32), group, bits);
        const std::vector<double> want = product(values(x), values(swapaxes(w, 0, 1)), m, k, n);
        const array out = quantized_matmul(x, q[0], q[1], q[2], true, group, bits);
        expect_near(plain(out)[0], want, product_tolerance(dtype, k), 2);
        expect_near(out, want, product_tolerance(dtype, k), 2);
        const array y = random_array({m, n}, dtype, 3);
        expect_near(quantized_matmul(y, q[0], q[1], q[2], false, group, bits),
                    product(values(y), values(w), m, n, k), product_tolerance(dtype, k), 2);
      }
    }
  }
}

TEST_P(Quantized, FastIsWithinTheInt8Bound) {
  const int bits = GetParam(), n = 64, k = 512;
  const std::vector<array> q = quantize(random_array({n, k}, float32, 1, 0.1f), 64, bits);
  const array w = dequantize(q[0], q[1], q[2], 64, bits);
  for (int m : {1, 30}) {
    const array x = random_array({m, k}, float32, 2);
    const std::vector<double> want = product(values(x), values(swapaxes(w, 0, 1)), m, k, n);
    ComputeScope scope({Precision::kFast, Phase::kAuto});
    const std::vector<double> got = values(quantized_matmul(x, q[0], q[1], q[2], true, 64, bits));
    expect_rounded_within(got, want, 1e-2);
  }
}

TEST_P(Quantized, RowsAndThreadsChangeNoBitWithinAFamily) {
  const int bits = GetParam(), n = 160, k = 256;
  const std::vector<array> q = quantize(random_array({n, k}, bfloat16, 1), 64, bits);
  const array x = random_array({12, k}, bfloat16, 2);
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    for (Phase phase : {Phase::kDecode, Phase::kPrefill}) {
      ComputeScope scope({precision, phase});
      pool.set_threads(1);
      const std::vector<double> all = values(quantized_matmul(x, q[0], q[1], q[2], true, 64, bits));
      pool.set_threads(4);
      for (int r = 0; r < 12; r++) {
        const std::vector<double> one = values(
            quantized_matmul(slice(x, {r, 0}, {r + 1, k}), q[0], q[1], q[2], true, 64, bits));
        for (int i = 0; i < n; i++) ASSERT_EQ(one[i], all[size_t(r) * n + i]);
      }
    }
  }
  pool.set_threads(before);
}

TEST_P(Quantized, GatherGroupsRowsByMatrix) {
  const int bits = GetParam();
  const std::vector<array> q = quantize(random_array({5, 32, 128}, float16, 1), 64, bits);
  const array x = random_array({6, 1, 128}, float16, 2);
  const array lhs({0, 1, 2, 3, 4, 5, 0, 1}, {4, 2}, uint32);
  const array rhs({4, 0, 4, 2, 0, 4, 1, 4}, {4, 2}, uint32);
  const array out = gather_qmm(x, q[0], q[1], q[2], lhs, rhs, true, 64, bits);
  ASSERT_EQ(out.shape(), (Shape{4, 2, 1, 32}));
  expect_near(out, values(plain(out)[0]), tolerance(float16), 4);
  EXPECT_THROW(gather_qmm(x, q[0], q[1], q[2], lhs, array(5, uint32), true, 64, bits).eval(),
               std::out_of_range);
}

TEST_P(Quantized, EmbeddingTakesRows) {
  const int bits = GetParam();
  for (Dtype dtype : kFloats) {
    const std::vector<array> q = quantize(random_array({20, 128}, dtype, 1), 32, bits);
    const array ids({3, 19, 0, 3}, {2, 2}, int32);
    const array out = fast::embedding_q(ids, q[0], q[1], q[2], 32, bits);
    EXPECT_EQ(out.dtype(), float32);
    const array other = plain(out)[0];
    const array scales = astype(q[1], float32), biases = astype(q[2], float32);
    expect_near(out, values(take(dequantize(q[0], scales, biases, 32, bits), ids, 0)), 1e-6);
    expect_near(other, values(out), 1e-6);
    EXPECT_THROW(fast::embedding_q(array({20}, {1}, int32), q[0], q[1], q[2], 32, bits).eval(),
                 std::out_of_range);
  }
}

TEST(QuantizedMatmul, BatchedAndStridedWeights) {
  const std::vector<array> q = quantize(random_array({3, 64, 128}, float32, 1), 64, 4);
  const array x = random_array({3, 2, 128}, float32, 2);
  const array out = quantized_matmul(x, q[0], q[1], q[2], true, 64, 4);
  const array w = dequantize(q[0], q[1], q[2], 64, 4);
  expect_near(out, values(matmul(x, swapaxes(w, -1, -2))), 1e-5, 2);
  // Every second row of a larger matrix.
  auto half = [](const array& a) { return slice(a, {0, 0, 0}, a.shape(), {1, 2, 1}); };
  expect_near(quantized_matmul(x, half(q[0]), half(q[1]), half(q[2]), true, 64, 4),
              values(slice(out, {0, 0, 0}, out.shape(), {1, 1, 2})), 1e-6);
}

}  // namespace
}  // namespace mlxa::test
