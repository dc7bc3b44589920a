#include "base/env.h"

#include <cstdlib>

namespace mlxa {
namespace {

constexpr Knob kKnobs[] = {
    {"MLXA_LOOPBACK", "1: computes on a simulated device, slowly, to test what runs on devices"},
    {"MLXA_ISA",
     "instruction set of the CPU kernels: scalar, avx2, avx512 or amx (default: the best)"},
    {"MLXA_THREADS", "threads that compute (default: the processors this process may use)"},
    {"MLXA_MEMORY_LIMIT", "bytes for arrays, with a K, M or G suffix (default: what is available)"},
};

}  // namespace

std::span<const Knob> knobs() { return kKnobs; }

std::optional<std::string> knob(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return value;
}

}  // namespace mlxa
