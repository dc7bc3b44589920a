// Nodes of a plan that the CPU computes together.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/fast.h"
#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "array/plan.h"
#include "backend/fused_fixture.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

struct Weights {
  std::vector<array> parts;
  int group_size, bits;
  QuantMode mode;

  array product(const array& x) const {
    std::optional<array> biases;
    if (parts.size() > 2) biases = parts[2];
    return fast::linear_q(x, parts[0], parts[1], biases, group_size, bits, mode);
  }
};

Weights weights(int n, int k, const std::string& mode, int group_size, int bits, uint32_t seed,
                Dtype dtype = bfloat16) {
  std::vector<array> parts = quantize(random_array({n, k}, dtype, seed), group_size, bits, mode);
  for (array& part : parts) part.eval();
  return {parts, group_size, bits, mode_named(mode).value()};
}

bool same_bits(const array& a, const array& b) {
  return a.shape() == b.shape() && std::memcmp(a.data<float>(), b.data<float>(), a.nbytes()) == 0;
}

class Together : public testing::Test {
 protected:
  void SetUp() override { set_default_device(Device::cpu); }  // loopback runs nodes one by one
  void TearDown() override { ThreadPool::instance().set_threads(threads_); }

 private:
  int threads_ = ThreadPool::instance().threads();
};

// Queries, keys and values: the rotation stands between their products.
TEST_F(Together, ProductsOfTheSameRows) {
  struct Kind {
    const char* mode;
    int group_size, bits;
  };
  for (const Kind& kind : {Kind{"affine", 64, 4}, Kind{"affine", 32, 6}, Kind{"mxfp4", 32, 4},
                           Kind{"mxfp8", 32, 8}, Kind{"nvfp4", 16, 4}}) {
    for (Precision precision : {Precision::kFast, Precision::kExact}) {
      for (int rows : {1, 3, 21}) {
        SCOPED_TRACE(std::string(kind.mode) + " rows " + std::to_string(rows));
        const ComputeScope scope({precision, Phase::kDecode});
        constexpr int kInner = 960;
        std::vector<Weights> w;
        for (int n : {480, 96, 70}) {
          w.push_back(weights(n, kInner, kind.mode, kind.group_size, kind.bits, 10 + n));
        }
        const array leaf = random_array({rows, 1, kInner}, float32, 3);
        ThreadPool::instance().set_threads(1);
        std::vector<array> alone;
        const array x_alone = negative(leaf);
        for (const Weights& one : w) alone.push_back(negative(one.product(x_alone)));
        for (array& one : alone) one.eval();  // not in a plan: one by one
        for (int threads : {1, 2, 3}) {
          ThreadPool::instance().set_threads(threads);
          const array x = negative(leaf);
          std::vector<array> outputs;
          for (const Weights& one : w) outputs.push_back(negative(one.product(x)));
          Plan plan(outputs);
          EXPECT_EQ(plan.steps(), 7u);
          EXPECT_EQ(plan.calls(), 5u);
          for (int run = 0; run < 2; run++) plan.run();
          for (size_t i = 0; i < outputs.size(); i++) {
            EXPECT_TRUE(same_bits(outputs[i], alone[i])) << threads << " threads, product " << i;
          }
        }
      }
    }
  }
}

// Matrices that differ in more than their columns, other rows, products that wait for each other.
TEST_F(Together, OthersRunOneByOne) {
  const ComputeScope scope({Precision::kFast, Phase::kDecode});
  const array leaf = random_array({2, 256}, float32, 3);
  const Weights first = weights(96, 256, "affine", 64, 4, 1),
                second = weights(64, 256, "affine", 64, 4, 2);
  const auto calls = [&](const std::vector<array>& outputs) {
    Plan plan(outputs);
    plan.run();
    return static_cast<int>(plan.steps()) - static_cast<int>(plan.calls());
  };
  const array x = negative(leaf);
  EXPECT_EQ(calls({first.product(x), second.product(x)}), 1);
  const array x1 = negative(leaf), x2 = negative(leaf), x3 = negative(leaf), x4 = negative(leaf);
  EXPECT_EQ(calls({first.product(x1), weights(64, 256, "affine", 32, 4, 2).product(x1)}), 0);
  EXPECT_EQ(calls({first.product(x2), weights(64, 256, "affine", 64, 8, 2).product(x2)}), 0);
  EXPECT_EQ(calls({first.product(x3), second.product(x4)}), 0);

  // 64 x 4 scales that a product of the same rows makes.
  const Weights plain = weights(128, 256, "affine", 64, 4, 4, float32);
  Weights waiting = weights(64, 256, "affine", 64, 4, 5, float32);
  const auto make = [&](std::vector<array>& outputs) {
    const array rows = negative(leaf);
    outputs.push_back(plain.product(rows));
    waiting.parts[1] = reshape(outputs[0], {64, 4});
    outputs.push_back(waiting.product(rows));
  };
  std::vector<array> alone, planned;
  make(alone);
  for (array& one : alone) one.eval();
  make(planned);
  EXPECT_EQ(calls(planned), 0);
  EXPECT_TRUE(same_bits(planned[1], alone[1]));
}

// Everything else of a prompt's or an array program's graph.
TEST_F(Together, OnlyInSteps) {
  for (Phase phase : {Phase::kAuto, Phase::kPrefill}) {
    const ComputeScope scope({Precision::kFast, phase});
    const array x = negative(random_array({2, 256}, float32, 3));
    Plan plan({weights(96, 256, "affine", 64, 4, 1).product(x),
               weights(64, 256, "affine", 64, 4, 2).product(x)});
    EXPECT_EQ(plan.steps(), plan.calls());
  }
}

}  // namespace
}  // namespace mlxa::test
