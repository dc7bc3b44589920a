// Counts how often a program takes memory from the heap: one that links this has counting operators
// new and delete in place of the C++ library's.
#pragma once

#include <cstdint>

namespace mlxa {

/// Calls of operator new so far, in the whole program. Any thread. 0 under ThreadSanitizer, which
/// brings operators of its own.
uint64_t heap_allocations();

}  // namespace mlxa
