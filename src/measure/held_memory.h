// What a run of the bench has in memory.
#pragma once

#include <cstddef>

namespace mlxa::measure {

/// What is held at the same time, bytes. They may be more than any integer has.
struct HeldMemory {
  double weights = 0, kv = 0, probe = 0;
};

/// Throws Error kOutOfMemory, naming the parts, where they are more than `budget` together.
void check_memory(const HeldMemory& held, size_t budget);

}  // namespace mlxa::measure
