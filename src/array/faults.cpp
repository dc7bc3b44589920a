#include "array/faults.h"

#include <array>
#include <atomic>

#include "mlxa/error.h"

namespace mlxa::faults {
namespace {

struct State {
  std::atomic<int64_t> due{0}, passed{0};
};
std::array<State, static_cast<size_t>(Point::kCount)> states;

State& state_of(Point point) { return states[static_cast<size_t>(point)]; }

}  // namespace

void arm(Point point, int64_t nth) {
  state_of(point).due = nth;
  state_of(point).passed = 0;
}

int64_t passed(Point point) { return state_of(point).passed.load(); }

void pass(Point point) {
  State& state = state_of(point);
  const int64_t count = state.passed.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count != state.due.load(std::memory_order_relaxed)) return;
  if (point == Point::kAllocation) {
    throw Error(ErrorCode::kOutOfMemory, "[memory] an allocation failed as a test asked");
  }
  throw Error(ErrorCode::kInternal, "[eval] a kernel failed as a test asked");
}

}  // namespace mlxa::faults
