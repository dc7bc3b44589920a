#include "base/limits.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "mlxa/error.h"

#include "base/env.h"

namespace mlxa {
namespace {

namespace fs = std::filesystem;

std::optional<size_t> read_number(const fs::path& path) {
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

// The files of a version of control groups.
struct GroupFiles {
  const char* limit;
  const char* used;
  const char* reclaimable;  // key in memory.stat: file pages that the system takes back at need
};
constexpr GroupFiles kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                                  "total_inactive_file"};
constexpr GroupFiles kVersion2 = {"memory.max", "memory.current", "inactive_file"};

size_t room_of_group(const fs::path& group, const GroupFiles& files) {
  const auto limit = read_number(group / files.limit);
  if (!limit) return SIZE_MAX;
  size_t used = read_number(group / files.used).value_or(0);
  std::ifstream statistics(group / "memory.stat");
  std::string key;
  for (size_t value = 0; statistics >> key >> value;) {
    if (key == files.reclaimable) used -= std::min(used, value);
  }
  return *limit > used ? *limit - used : 0;
}

// A container sees its own group at the root, whatever path it is told: groups that are not there
// are passed over.
size_t room_of_groups(const fs::path& root, const fs::path& path, const GroupFiles& files) {
  fs::path group = path.lexically_normal().relative_path();
  size_t room = room_of_group(root, files);
  for (; !group.empty(); group = group.parent_path()) {
    room = std::min(room, room_of_group(root / group, files));
  }
  return room;
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

size_t control_group_room(const fs::path& groups, const fs::path& mount) {
  size_t room = SIZE_MAX;
  std::ifstream file(groups);
  for (std::string line; std::getline(file, line);) {  // number:controllers:path
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path path = line.substr(second + 1);
    if (controllers == ",,") room = std::min(room, room_of_groups(mount, path, kVersion2));
    if (controllers.find(",memory,") != std::string::npos) {
      room = std::min(room, room_of_groups(mount / "memory", path, kVersion1));
    }
  }
  return room;
}

size_t memory_budget() {
  return std::min({available_memory(), control_group_room("/proc/self/cgroup", "/sys/fs/cgroup"),
                   requested_limit()});
}

}  // namespace mlxa
