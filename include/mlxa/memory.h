// Memory of arrays: counters and limits. All sizes are bytes. Any thread may call these.
#pragma once

#include <cstddef>

namespace mlxa {

/// Bytes held by live arrays, on the host and on the GPU together. Mapped files and memory that a
/// caller handed in are not counted.
size_t get_active_memory();
/// The largest such value of each memory, added up, since the start or the last reset.
size_t get_peak_memory();
void reset_peak_memory();
/// Bytes that are kept for reuse.
size_t get_cache_memory();

/// Sets the limit above which an allocation throws Error kOutOfMemory; returns the old one. The
/// default is the least of the free memory, the control group's limit and MLXA_MEMORY_LIMIT. Limits
/// are those of the default device's memory.
size_t set_memory_limit(size_t limit);
size_t get_memory_limit();
/// Sets how much is kept for reuse; returns the old limit.
size_t set_cache_limit(size_t limit);
/// Gives everything that is kept for reuse back to the system.
void clear_cache();

}  // namespace mlxa
