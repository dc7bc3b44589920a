// How much memory this process may use.
#pragma once

#include <cstddef>

namespace mlxa {

/// The least of the system's available memory, the control group's limit less its use, and
/// MLXA_MEMORY_LIMIT (bytes, or with a K, M or G suffix). Read anew at each call.
/// Throws Error kInvalidArgument where MLXA_MEMORY_LIMIT is no such number.
size_t memory_budget();

}  // namespace mlxa
