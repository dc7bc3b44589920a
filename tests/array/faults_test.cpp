// Failures inside one graph: its inputs stay valid, what does not depend on the failure is
// computed, and nothing leaks.
#include "array/faults.h"

#include <functional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/error.h"
#include "mlxa/memory.h"
#include "mlxa/ops.h"
#include "mlxa/stream.h"

#include "array/backend.h"
#include "array/plan.h"
#include "base/thread_pool.h"
#include "support/arrays.h"

namespace mlxa {
namespace {

using faults::Point;
using test::values;
using Values = std::vector<long double>;

class GraphFaults : public testing::TestWithParam<Point> {
 protected:
  GraphFaults() : threads_(ThreadPool::instance().threads()) {
    ThreadPool::instance().set_threads(1);
  }
  ~GraphFaults() override {
    faults::arm(GetParam(), 0);
    ThreadPool::instance().set_threads(threads_);
  }

 private:
  int threads_;
};

array counted(const Shape& shape, float step) {
  array a = array::uninitialized(shape, float32);
  for (size_t i = 0; i < a.size(); i++) a.data<float>()[i] = step * static_cast<float>(i % 23);
  return a;
}

// Views, copies of views, several outputs of one node, results that take over their inputs.
std::vector<array> graph(const array& x, const array& y) {
  const array product = matmul(x, transpose(y));
  const array grown = exp(negative(product));
  const auto parts = split(grown, 2, 1);
  const array sorted = sort(reshape(parts[1], {-1}), 0);
  return {softmax(parts[0], std::vector<int>{1}, true), sorted, sum(sorted) + sum(x), product};
}

std::vector<Values> read(const std::vector<array>& arrays) {
  std::vector<Values> out;
  for (const array& a : arrays) out.push_back(values(a));
  return out;
}

TEST_P(GraphFaults, AtEveryNode) {
  const array x = counted({6, 16}, 0.05f), y = counted({8, 16}, 0.03f);
  const std::vector<Values> inputs = read({x, y});
  const std::vector<Values> expected = read(graph(x, y));
  const size_t before = get_active_memory();
  int64_t n = 1;
  for (bool more = true; more; n++) {
    {
      const std::vector<array> outputs = graph(x, y);
      faults::arm(GetParam(), n);
      bool failed = false;
      try {
        read(outputs);
      } catch (const Error&) {
        failed = true;
      }
      more = faults::passed(GetParam()) >= n;
      faults::arm(GetParam(), 0);
      ASSERT_EQ(failed, more) << "at " << n;
      // Every output is right, or reading it says that it failed.
      for (size_t i = 0; i < outputs.size(); i++) {
        try {
          ASSERT_EQ(values(outputs[i]), expected[i]) << "output " << i << " at " << n;
        } catch (const Error&) {
        }
      }
    }
    ASSERT_EQ(read({x, y}), inputs) << "at " << n;
    ASSERT_EQ(read(graph(x, y)), expected) << "at " << n;
    ASSERT_EQ(get_active_memory(), before) << "at " << n;
  }
  EXPECT_GT(n, 8);
}

TEST_P(GraphFaults, AtEveryStepOfAPlan) {
  const array x = counted({6, 16}, 0.05f), y = counted({8, 16}, 0.03f);
  const std::vector<Values> expected = read(graph(x, y));
  const size_t before = get_active_memory();
  // Building takes memory and computes nothing.
  if (GetParam() == Point::kAllocation) {
    int64_t n = 1;
    for (bool more = true; more; n++) {
      faults::arm(GetParam(), n);
      try {
        Plan plan(graph(x, y));
      } catch (const Error&) {
      }
      more = faults::passed(GetParam()) >= n;
      ASSERT_EQ(get_active_memory(), before) << "at " << n;
    }
    EXPECT_GT(n, 3);
    return;
  }
  Plan plan(graph(x, y));
  plan.run();
  ASSERT_EQ(read(plan.outputs()), expected);
  int64_t n = 1;
  for (bool more = true; more; n++) {
    faults::arm(GetParam(), n);
    bool failed = false;
    try {
      plan.run();
      read(plan.outputs());
    } catch (const Error&) {
      failed = true;
    }
    more = faults::passed(GetParam()) >= n;
    faults::arm(GetParam(), 0);
    ASSERT_EQ(failed, more) << "at " << n;
    plan.run();
    ASSERT_EQ(read(plan.outputs()), expected) << "at " << n;
  }
  EXPECT_GT(n, 6);
}

// Neither memory nor anything that could be read by mistake.
TEST_P(GraphFaults, AFailedNodeHoldsNothing) {
  const array x = counted({4, 64}, 0.05f);
  x.eval();
  for (int64_t n = 1; n <= 3; n++) {  // quantize has three outputs
    const std::vector<array> outputs = quantize(x, 64, 4);
    const size_t before = get_active_memory();
    faults::arm(GetParam(), GetParam() == Point::kKernel ? 1 : n);
    EXPECT_THROW(eval(outputs), Error) << n;
    faults::arm(GetParam(), 0);
    if (backend_for(default_device().type)->allocator().memory()) continue;  // it fails later there
    EXPECT_EQ(get_active_memory(), before) << n;
    for (const array& out : outputs) {
      EXPECT_FALSE(out.is_available()) << n;
      EXPECT_THROW(out.data<uint8_t>(), std::logic_error) << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, GraphFaults, testing::Values(Point::kAllocation, Point::kKernel),
                         [](const auto& info) {
                           return info.param == Point::kAllocation ? "allocation" : "kernel";
                         });

}  // namespace
}  // namespace mlxa
