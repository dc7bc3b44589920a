// The numbers that the codes and scales of the floating-point formats stand for.
//
// E2M1 codes, doubled, are small integers. Products with int8 activations take them plus 12, which
// makes them unsigned: w = scale / 2 * u - 6 * scale is then an affine weight like any other.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {

/// Twice the value of an E2M1 code.
struct TwiceE2M1 {
  alignas(16) int8_t of[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
};
inline constexpr TwiceE2M1 kTwiceE2M1{};

/// The same plus kE2M1Shift.
inline constexpr int kE2M1Shift = 12;
struct UnsignedE2M1 {
  alignas(16) uint8_t of[16];
  constexpr UnsignedE2M1() : of{} {
    for (int i = 0; i < 16; ++i) of[i] = static_cast<uint8_t>(kTwiceE2M1.of[i] + kE2M1Shift);
  }
};
inline constexpr UnsignedE2M1 kUnsignedE2M1{};

/// The float32 bits of an E8M0 scale: 2^(code - 127), and for 255, which has no number, infinity.
static inline uint32_t e8m0_bits(uint8_t code) {
  constexpr uint32_t kSmallest = 0x00400000;  // 2^-127
  return code == 0 ? kSmallest : static_cast<uint32_t>(code) << 23;
}

static inline float e8m0_value(uint8_t code) {
  const uint32_t bits = e8m0_bits(code);
  float out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

/// The float16 bits of an E4M3 code's value / 256, NaN for NaN.
static inline uint16_t e4m3_half_bits(uint8_t code) {
  const uint32_t magnitude = (code & 0x7fu) << 7;
  const uint32_t if_nan = (magnitude + 0x80) & 0x4000;
  return static_cast<uint16_t>((code & 0x80u) << 8 | magnitude | if_nan);
}

}  // namespace mlxa::cpu
