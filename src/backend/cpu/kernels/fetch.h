// Asking for memory that is going to be read.
#pragma once

#include <cstdint>

namespace mlxa::cpu {

/// Asks for the cache lines of `bytes` bytes from p on, to come to the L2 cache. Behind the end of
/// memory too: a prefetch never faults.
[[gnu::always_inline]] static inline void fetch_lines(const void* p, int64_t bytes) {
  const auto* line = static_cast<const uint8_t*>(p);
  for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(line + at, 0, 2);
  // GCC drops calls of functions that do no more than that.
  __asm__ volatile("" : : "r"(line));
}

}  // namespace mlxa::cpu
