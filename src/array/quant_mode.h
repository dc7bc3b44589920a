// The modes of quantization, whatever array library computes them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace mlxa {

/// kAffine: w = scale * code + bias. The others have no biases: codes are small floating-point
/// numbers (E2M1, E4M3), scales are bytes (powers of two; kNvfp4: E4M3).
enum class QuantMode : uint8_t { kAffine, kMxfp4, kMxfp8, kNvfp4 };

/// MLX's name of a mode.
inline constexpr const char* mode_name(QuantMode mode) {
  switch (mode) {
    case QuantMode::kAffine:
      return "affine";
    case QuantMode::kMxfp4:
      return "mxfp4";
    case QuantMode::kMxfp8:
      return "mxfp8";
    case QuantMode::kNvfp4:
      return "nvfp4";
  }
  return "";
}

/// The mode of a name; empty for others.
inline constexpr std::optional<QuantMode> mode_named(std::string_view name) {
  for (QuantMode mode :
       {QuantMode::kAffine, QuantMode::kMxfp4, QuantMode::kMxfp8, QuantMode::kNvfp4}) {
    if (name == mode_name(mode)) return mode;
  }
  return std::nullopt;
}

/// The values of a mode where nothing else is said: its only ones, except for kAffine.
inline constexpr int default_group_size(QuantMode mode) {
  return mode == QuantMode::kAffine ? 64 : mode == QuantMode::kNvfp4 ? 16 : 32;
}
inline constexpr int default_bits(QuantMode mode) { return mode == QuantMode::kMxfp8 ? 8 : 4; }

/// Whether a mode has that group size, and that many bits.
inline constexpr bool has_group_size(QuantMode mode, int group_size) {
  if (mode != QuantMode::kAffine) return group_size == default_group_size(mode);
  return group_size == 32 || group_size == 64 || group_size == 128;
}
inline constexpr bool has_bits(QuantMode mode, int bits) {
  if (mode != QuantMode::kAffine) return bits == default_bits(mode);
  return bits >= 2 && bits <= 8 && bits != 7;
}

/// What has_group_size and has_bits accept, for messages.
inline constexpr const char* known_group_sizes(QuantMode mode) {
  return mode == QuantMode::kAffine ? "32, 64 or 128" : mode == QuantMode::kNvfp4 ? "16" : "32";
}
inline constexpr const char* known_bits(QuantMode mode) {
  return mode == QuantMode::kAffine ? "2, 3, 4, 5, 6 or 8" : mode == QuantMode::kMxfp8 ? "8" : "4";
}

}  // namespace mlxa
