#include "base/limits.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "mlxa/error.h"

#include "base/env.h"

namespace mlxa {
namespace {

std::optional<size_t> read_number(const std::string& path) {
  std::ifstream file(path);
  size_t value = 0;
  if (file >> value) return value;
  return std::nullopt;  // also "max", cgroup's word for no limit
}

size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  for (size_t kib = 0; file >> key;) {
    if (key == "MemAvailable:" && file >> kib) return kib * 1024;
  }
  return SIZE_MAX;
}

// Version 2 at the mount's root (what a container sees), then version 1.
size_t control_group_room() {
  constexpr const char* kPairs[][2] = {
      {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
      {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
       "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
  };
  for (const auto& [limit_path, used_path] : kPairs) {
    const auto limit = read_number(limit_path);
    if (!limit) continue;
    const size_t used = read_number(used_path).value_or(0);
    return *limit > used ? *limit - used : 0;
  }
  return SIZE_MAX;
}

size_t requested_limit() {
  const auto text = knob("MLXA_MEMORY_LIMIT");
  if (!text) return SIZE_MAX;
  size_t value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, status] = std::from_chars(text->data(), end, value);
  int shift = 0;
  if (rest + 1 == end) shift = *rest == 'K' ? 10 : *rest == 'M' ? 20 : *rest == 'G' ? 30 : -1;
  const bool fits = shift >= 0 && value <= (SIZE_MAX >> shift);
  if (status != std::errc() || (rest != end && rest + 1 != end) || !fits || value == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "[memory] MLXA_MEMORY_LIMIT=" + *text + ", expected a number of bytes",
                "Write it like 2000000000, 2000M or 2G.");
  }
  return value << shift;
}

}  // namespace

size_t memory_budget() {
  return std::min({available_memory(), control_group_room(), requested_limit()});
}

}  // namespace mlxa
