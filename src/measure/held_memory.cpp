#include "measure/held_memory.h"

#include <cstdio>
#include <string>

#include "mlxa/error.h"

namespace mlxa::measure {

void check_memory(const HeldMemory& held, size_t budget) {
  if (held.weights + held.kv + held.probe <= static_cast<double>(budget)) return;
  std::string parts;
  const auto add = [&](const char* name, double bytes) {
    if (bytes == 0) return;
    char text[64];
    std::snprintf(text, sizeof text, "%s of %.1f MiB", name, bytes / (1 << 20));
    parts += (parts.empty() ? "" : ", ") + std::string(text);
  };
  add("weights", held.weights);
  add("keys and values", held.kv);
  add("a read probe", held.probe);
  throw Error(
      ErrorCode::kOutOfMemory,
      "[bench] " + parts + ", and " + std::to_string(budget >> 20) + " MiB are free for all of it",
      "Choose a smaller shape, fewer bits, a smaller context or batch, or raise "
      "MLXA_MEMORY_LIMIT.");
}

}  // namespace mlxa::measure
