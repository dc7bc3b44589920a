// How much memory this process may use.
#pragma once

#include <cstddef>
#include <filesystem>

namespace mlxa {

/// What control groups leave of their limits: the least of those that the file `groups` lists (in
/// the form of /proc/self/cgroup) and of those above them, mounted at `mount`. Pages of files that
/// the system takes back at need count as free. SIZE_MAX without a limit.
size_t control_group_room(const std::filesystem::path& groups, const std::filesystem::path& mount);

/// The least of the system's available memory, the control group's limit less its use, and
/// MLXA_MEMORY_LIMIT (bytes, or with a K, M or G suffix). Read anew at each call.
/// Throws Error kInvalidArgument where MLXA_MEMORY_LIMIT is no such number.
size_t memory_budget();

}  // namespace mlxa
