#include "base/cpu_features.h"

#include <cstdint>
#include <fstream>
#include <string>

#include "mlxa/error.h"

#include "base/env.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace mlxa {
namespace {

constexpr Isa kAll[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx};

#if defined(__x86_64__)
struct Features {
  bool avx2 = false;
  bool avx512 = false;
  bool amx = false;
};

uint64_t enabled_state() {
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
}

// Tiles are 8 KiB of state a thread, which Linux grants to processes that ask.
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

Features detect() {
  Features out;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return out;
  const bool osxsave = c & bit_OSXSAVE, fma = c & bit_FMA, f16c = c & bit_F16C;
  if (!osxsave) return out;
  constexpr uint64_t kYmm = 0x6, kZmm = 0xe6;  // XCR0: SSE + AVX; + opmask and zmm state
  const uint64_t state = enabled_state();
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return out;
  out.avx2 = (state & kYmm) == kYmm && fma && f16c && (b & bit_AVX2);
  const unsigned wide = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
  const unsigned bytes = bit_AVX512VNNI | bit_AVX512VBMI | bit_AVX512VBMI2 | bit_GFNI;
  const bool integers = (c & bytes) == bytes;
  const unsigned tiles = 1u << 24 | 1u << 23 | 1u << 22;  // AMX-TILE, AVX512-FP16, AMX-BF16
  const bool has_tiles = (d & tiles) == tiles;
  unsigned a1 = 0, b1 = 0, c1 = 0, d1 = 0;
  const bool bf16 = __get_cpuid_count(7, 1, &a1, &b1, &c1, &d1) && (a1 & (1u << 5));
  out.avx512 = out.avx2 && (state & kZmm) == kZmm && (b & wide) == wide && integers && bf16;
  constexpr uint64_t kTileState = 3u << 17;
  out.amx = out.avx512 && has_tiles && (state & kTileState) == kTileState && may_use_tiles();
  return out;
}
#endif

Isa choose() {
  const std::optional<std::string> forced = knob("MLXA_ISA");
  if (!forced) {
    Isa best = Isa::kScalar;
    for (Isa isa : kAll) {
      if (isa_supported(isa)) best = isa;
    }
    return best;
  }
  for (Isa isa : kAll) {
    if (*forced != isa_name(isa)) continue;
    if (isa_supported(isa)) return isa;
    throw Error(ErrorCode::kUnsupported,
                "[cpu] MLXA_ISA=" + *forced + ", but this processor cannot run it",
                "Unset MLXA_ISA, or name a set that `mlxa env` lists as supported.");
  }
  throw Error(ErrorCode::kInvalidArgument,
              "[cpu] MLXA_ISA=" + *forced + ", expected scalar, avx2, avx512 or amx",
              "Unset MLXA_ISA, or set it to one of these names.");
}

std::string read_cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const size_t colon = line.find(':');
    if (colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
  }
  return {};
}

}  // namespace

const char* isa_name(Isa isa) noexcept {
  switch (isa) {
    case Isa::kScalar:
      return "scalar";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAmx:
      return "amx";
  }
  return "unknown";
}

bool isa_supported(Isa isa) noexcept {
#if defined(__x86_64__)
  static const Features features = detect();
  if (isa == Isa::kAvx2) return features.avx2;
  if (isa == Isa::kAvx512) return features.avx512;
  if (isa == Isa::kAmx) return features.amx;
#endif
  return isa == Isa::kScalar;
}

Isa active_isa() {
  static const Isa isa = choose();  // an exception leaves it undecided, so every call reports it
  return isa;
}

std::string_view cpu_name() {
  static const std::string name = read_cpu_name();
  return name;
}

}  // namespace mlxa
