// The two 16-bit floating-point types. Storage and conversion; arithmetic goes through float.
#pragma once

#include <bit>
#include <cstdint>

namespace mlxa {

namespace detail {

/// IEEE 754 binary16 from float, round half to even; NaN stays NaN, overflow becomes infinity.
inline uint16_t float_to_half_bits(float value) {
  const uint32_t u = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (u >> 16) & 0x8000u;
  const uint32_t magnitude = u & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // rounds to infinity
  if (magnitude < 0x38800000u) {  // subnormal: let the float adder do the rounding
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
  }
  const uint32_t rounded = magnitude + 0x0fffu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

inline float half_bits_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude << 13));
  if (magnitude < 0x0400u) {  // subnormal: magnitude * 2^-24
    return std::bit_cast<float>(sign |
                                std::bit_cast<uint32_t>(static_cast<float>(magnitude) * 0x1p-24f));
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
}

/// bfloat16 from float, round half to even; NaN stays NaN.
inline uint16_t float_to_bfloat_bits(float value) {
  const uint32_t u = std::bit_cast<uint32_t>(value);
  if ((u & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((u >> 16) | 0x0040u);
  return static_cast<uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

inline float bfloat_bits_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

}  // namespace detail

/// IEEE 754 binary16.
struct float16_t {
  uint16_t bits = 0;      ///< Sign, 5 bits of exponent, 10 of mantissa.
  float16_t() = default;  ///< Zero.
  /// Rounds half to even; overflow becomes infinity.
  float16_t(float value) : bits(detail::float_to_half_bits(value)) {}
  /// Exact.
  operator float() const { return detail::half_bits_to_float(bits); }
};

/// The upper half of an IEEE 754 binary32.
struct bfloat16_t {
  uint16_t bits = 0;       ///< Sign, 8 bits of exponent, 7 of mantissa.
  bfloat16_t() = default;  ///< Zero.
  /// Rounds half to even.
  bfloat16_t(float value) : bits(detail::float_to_bfloat_bits(value)) {}
  /// Exact.
  operator float() const { return detail::bfloat_bits_to_float(bits); }
};

}  // namespace mlxa
