// Failures on demand, for the tests of what happens then.
#pragma once

#include <cstdint>

namespace mlxa::faults {

/// Where a failure can be asked for: an allocator's request (Error kOutOfMemory), the start of a
/// node's kernel (Error kInternal).
enum class Point : uint8_t { kAllocation, kKernel, kCount };

/// The `nth` passage of `point` from now on fails, once; 1 is the next, 0 none.
void arm(Point point, int64_t nth);
/// How often `point` was passed since it was last armed.
int64_t passed(Point point);

/// Called at the point itself. Throws where a failure is due.
void pass(Point point);

}  // namespace mlxa::faults
