// Evaluation and plans: order, reuse of memory, repetition, failure.
#include "array/plan.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/memory.h"
#include "mlxa/ops.h"

#include "array/fast/engine_ops.h"
#include "base/thread_pool.h"
#include "support/arrays.h"

namespace mlxa {
namespace {

using Values = std::vector<long double>;
using test::values;

constexpr size_t kMiB = size_t{1} << 20;

array filled(const Shape& shape, float first, float step) {
  array a = array::uninitialized(shape, float32);
  for (size_t i = 0; i < a.size(); i++) a.data<float>()[i] = first + step * static_cast<float>(i);
  return a;
}

// At a hundred bytes a call, recursion would need more than twice the usual stack.
TEST(Eval, AChainOf200000OpsNeedsNoDeepStack) {
  array x = filled({2}, 0.0f, 1.0f);
  const array one = filled({2}, 1.0f, 0.0f);
  for (int i = 0; i < 200'000; i++) x = add(x, one);
  EXPECT_EQ(values(x), (Values{200'000, 200'001}));
}

TEST(Eval, ElementwiseOpsTakeOverDyingInputs) {
  array x = filled({static_cast<int>(kMiB)}, 0.0f, 1e-6f);  // 4 MiB
  eval(add(x, x));                                          // a device has its copy of x then
  reset_peak_memory();
  const size_t before = get_peak_memory();
  array y = add(x, x);
  for (int i = 0; i < 50; i++) y = negative(y);
  y.eval();
  EXPECT_LE(get_peak_memory() - before, 4 * kMiB + kMiB);  // one result, whatever the length
  EXPECT_FLOAT_EQ(y.data<float>()[1], 2e-6f);
}

TEST(Eval, AnInputThatSomeoneHoldsKeepsItsValues) {
  const array x = filled({4}, 1.0f, 1.0f);
  const array y = negative(x);
  const array z = add(y, x);
  const array last = multiply(y, z);
  EXPECT_EQ(values(last), (Values{0, 0, 0, 0}));
  EXPECT_EQ(values(y), (Values{-1, -2, -3, -4}));
  EXPECT_EQ(values(x), (Values{1, 2, 3, 4}));
}

TEST(Plan, RunsAgainOnWhatTheLeavesHold) {
  array x = filled({3}, 1.0f, 1.0f);
  const array bias = filled({1}, 10.0f, 0.0f);
  const array kept = add(x, bias);
  Plan plan({multiply(kept, kept), sum(exp(negative(kept)), std::vector<int>{0}, false)});
  for (float start : {1.0f, -5.0f, 3.0f}) {
    for (int i = 0; i < 3; i++) x.data<float>()[i] = start + static_cast<float>(i);
    plan.run();
    const array expected = add(x, bias);
    EXPECT_EQ(values(plan.outputs()[0]), values(multiply(expected, expected)));
    EXPECT_EQ(values(plan.outputs()[1]),
              values(sum(exp(negative(expected)), std::vector<int>{0}, false)));
  }
}

TEST(Plan, IntermediateResultsShareMemory) {
  constexpr int kCount = 1 << 16;
  const array x = filled({kCount}, 0.0f, 1e-6f);
  array y = x;
  for (int i = 0; i < 40; i++) y = sort(negative(y), 0);  // sort cannot take over its input
  Plan plan({y});
  EXPECT_LE(plan.workspace_bytes(), 3 * sizeof(float) * kCount);
  plan.run();
  EXPECT_EQ(plan.outputs()[0].data<float>()[0], 0.0f);
}

TEST(Plan, ARunAllocatesNothing) {
  ThreadPool& pool = ThreadPool::instance();
  const int threads = pool.threads();
  pool.set_threads(1);  // a further thread makes its scratch memory when work first reaches it
  const array x = filled({64, 64}, 0.0f, 0.01f);
  Plan plan({softmax(matmul(x, transpose(x)), std::vector<int>{1}, true)});
  plan.run();
  synchronize();  // a device's thread makes its scratch memory in that run
  reset_peak_memory();
  const size_t before = get_active_memory();
  for (int i = 0; i < 10; i++) plan.run();
  synchronize();
  EXPECT_EQ(get_peak_memory(), before);
  pool.set_threads(threads);
}

TEST(Plan, CanRunAfterAFailure) {
  const std::vector<array> rows = quantize(filled({8, 64}, 0.0f, 1.0f), 64, 4);
  eval(rows);
  array id(int32_t{3});
  id.eval();
  Plan plan({negative(fast::embedding_q(id, rows[0], rows[1], rows[2], 64, 4))});
  plan.run();
  const Values expected = values(plan.outputs()[0]);
  *id.data<int32_t>() = 8;
  auto run_and_read = [&] {
    plan.run();
    return values(plan.outputs()[0]);  // where the failure of a queued computation shows
  };
  EXPECT_THROW(run_and_read(), std::out_of_range);
  *id.data<int32_t>() = 0;
  plan.run();
  EXPECT_NE(values(plan.outputs()[0]), expected);
  *id.data<int32_t>() = 3;
  plan.run();
  EXPECT_EQ(values(plan.outputs()[0]), expected);
}

}  // namespace
}  // namespace mlxa
