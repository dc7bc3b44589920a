// Float functions that compilers can vectorise, for the loops where libm's would dominate.
#pragma once

#include <bit>
#include <cstdint>

namespace mlxa::cpu {

/// e^x to about one unit in the last place: x = k ln 2 + r, a Taylor polynomial in r (|r| < 0.35,
/// remainder below 2^-26), then 2^k in two factors so that results may be subnormal. Infinity, NaN
/// and overflow as std::exp.
inline float exp_float(float x) {
  constexpr float kLog2e = 1.44269504088896341f;
  constexpr float kLn2High = 0x1.62e4p-1f;            // 15 bits: k * kLn2High is exact
  constexpr float kLn2Low = 1.42860682030941723e-6f;  // ln 2 - kLn2High
  constexpr float kRound = 0x1.8p23f;                 // adding it rounds to an integer
  constexpr float kLow = -104.0f, kHigh = 89.0f;      // beyond: 0 and infinity
  float c = x < kLow ? kLow : x;
  c = c > kHigh ? kHigh : c;
  const float shifted = c * kLog2e + kRound;
  const uint32_t k = std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kRound);
  const float whole = shifted - kRound;
  const float r = (c - whole * kLn2High) - whole * kLn2Low;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = (p * r) * r + r + 1.0f;
  // Halves of k, each within [-76, 65]; unsigned, because k is arbitrary where x is NaN.
  const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(k) >> 1);
  const float first = std::bit_cast<float>((half + 127u) << 23);
  const float second = std::bit_cast<float>((k - half + 127u) << 23);
  return p * first * second;
}

/// 1 / (1 + e^-x) without overflow on either side.
inline float sigmoid_float(float x) {
  const float e = exp_float(x < 0 ? x : -x);
  const float numerator = x < 0 ? e : 1.0f;
  return numerator / (1.0f + e);
}

}  // namespace mlxa::cpu
