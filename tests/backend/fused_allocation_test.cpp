// A decode step repeated on the CPU takes nothing from the heap.
#include "mlxa/fast.h"
#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "array/plan.h"
#include "backend/fused_fixture.h"
#include "heap_count.h"

namespace mlxa::test {
namespace {

TEST(DecodeStep, AllocatesNothingOnceWarm) {
  set_default_device(Device::cpu);  // a device's queue may allocate
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    ComputeScope scope({precision, Phase::kDecode});
    constexpr int kHidden = 128, kHeads = 4, kDim = 32, kBlocks = 4, kBlock = 32;
    const std::vector<array> w = quantize(random_array({kHidden, kHidden}, bfloat16, 1), 64, 4);
    const std::vector<array> other = quantize(random_array({kHidden, kHidden}, bfloat16, 7), 64, 4);
    const std::vector<array> table_w = quantize(random_array({50, kHidden}, bfloat16, 2), 64, 4);
    const array norm = random_array({kHidden}, bfloat16, 3);
    const array dense = random_array({kHidden, kHidden}, bfloat16, 4);
    const array dense_table = random_array({50, kHidden}, bfloat16, 7);
    array ids({7}, {1, 1}, int32), offset({0}, {1}, int32);
    const array table({2, 0, 3, 1}, {1, kBlocks}, int32);
    const array keys = random_array({kBlocks, kHeads, kBlock, kDim}, bfloat16, 5);
    const array vals = random_array({kBlocks, kHeads, kBlock, kDim}, bfloat16, 6);
    eval(w[0], w[1], w[2], other[0], other[1], other[2], table_w[0], table_w[1], table_w[2]);

    const array x = add(fast::embedding_q(ids, table_w[0], table_w[1], table_w[2], 64, 4),
                        astype(take(dense_table, ids, 0), float32));
    const array h = fast::rms_norm(x, norm, 1e-5f);
    const array p = fast::linear_q(h, w[0], w[1], w[2], 64, 4);
    const array p2 = fast::linear_q(h, other[0], other[1], other[2], 64, 4);
    const array heads = swapaxes(reshape(p, {1, 1, kHeads, kDim}), 1, 2);
    const array heads2 = swapaxes(reshape(p2, {1, 1, kHeads, kDim}), 1, 2);
    const array q = fast::rope(heads, kDim, false, 1e4f, 1.0f, offset);
    const array k = fast::kv_append(keys, q, table, offset);
    const array v = fast::kv_append(vals, heads2, table, offset);
    const array a =
        fast::paged_attention(q, k, v, table, offset, {0.2f, true, 0, false, false}, {}, {});
    const array joined = reshape(swapaxes(a, 1, 2), {1, 1, kHidden});
    const auto [sum, second] = fast::add_rms_norm(joined, x, norm, 1e-5f);
    const array out = add(sum, fast::swiglu(matmul(second, swapaxes(dense, 0, 1)), second));

    Plan plan({out});
    EXPECT_EQ(plan.calls() + 1, plan.steps());  // both products of h run together
    auto step = [&](int position) {
      offset.data<int32_t>()[0] = position;
      plan.run();
    };
    // A worker warms up when it first meets work, which is up to the scheduler: some round goes
    // without.
    uint64_t taken = 1;
    for (int round = 0; round < 20 && taken > 0; round++) {
      const uint64_t before = heap_allocations();
      for (int i = 0; i < 120; i++) step(i);
      taken = heap_allocations() - before;
    }
    EXPECT_EQ(taken, 0u);
  }
}

// Whatever the tokens choose: experts alone, shared, in any order.
TEST(ExpertsStep, AllocatesNothingOnceWarm) {
  set_default_device(Device::cpu);
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    ComputeScope scope({precision, Phase::kDecode});
    constexpr int kBatch = 4, kExperts = 8, kChosen = 2, kHidden = 128;
    const array dense = random_array({kExperts, kHidden, kHidden}, bfloat16, 1);
    const std::vector<array> w = quantize(dense, 64, 4);
    array x = random_array({kBatch, kHidden}, float32, 2);
    const array router = random_array({kExperts, kHidden}, float32, 3);
    eval(w[0], w[1], w[2], x);

    const array logits = fast::linear(x, router);
    const array order = argpartition(negative(logits), kChosen - 1, -1);
    const array experts = slice(order, {0, 0}, {kBatch, kChosen});
    const array scores = softmax(take_along_axis(logits, experts, -1), -1, true);
    const array rows = expand_dims(x, std::vector<int>{1, 2});
    const array up = fast::gather_linear_q(rows, w[0], w[1], w[2], experts, 64, 4);
    const array down = fast::gather_linear(fast::swiglu(up, up), dense, experts);
    const array out = sum(multiply(squeeze(down, -2), expand_dims(scores, -1)), -2);

    Plan plan({out});
    auto step = [&](int seed) {
      const array next = random_array({kBatch, kHidden}, float32, static_cast<uint32_t>(seed));
      std::copy_n(next.data<float>(), next.size(), x.data<float>());
      const uint64_t before = heap_allocations();
      plan.run();
      return heap_allocations() - before;
    };
    // A worker warms up when it first meets work, here seldom: some round goes without.
    uint64_t taken = 1;
    for (int round = 0; round < 20 && taken > 0; round++) {
      taken = 0;
      for (int i = 0; i < 50; i++) taken += step(50 * round + i);
    }
    EXPECT_EQ(taken, 0u);
  }
}

}  // namespace
}  // namespace mlxa::test
