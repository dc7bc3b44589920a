// The floating-point formats as vectors V that unpack other numbers: the kernels of affine weights
// run on them unchanged.
//
// What a kernel asks of such a V beside the instruction set's own:
//   kGroup           elements that share a scale, of weights (affine: at least) and activations
//   unpack, dot      a unit of codes as bytes, and what a bias set right is shifted by
//   expand_factors   scales and biases for those bytes
//   codes_to_float   codes as floats that scale_value of their scale makes weights, without a bias
#pragma once

#include <cstdint>

#include "backend/cpu/kernels/float_codes.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// Calls convert(from, to) for `count` bytes, kFloats at a time; a rest is padded with zeros. `to`
/// has room for whole vectors.
template <class V, class Convert>
void convert_bytes(const uint8_t* from, int64_t count, float* to, Convert&& convert) {
  for (int64_t at = 0; at < count; at += V::kFloats) {
    if (at + V::kFloats <= count) {
      convert(from + at, to + at);
    } else {
      alignas(64) uint8_t padded[V::kFloats] = {};
      std::memcpy(padded, from + at, count - at);
      convert(padded, to + at);
    }
  }
}

template <class V>
struct Mxfp4 : V {
  using F = typename V::F;
  using I = typename V::I;
  static constexpr bool kAffine = false;
  /// Bytes of 0 to 24 have 5 bits.
  template <int>
  using Products = typename V::template Products<5>;

  template <int>
  [[gnu::always_inline]] static inline void unpack(const uint8_t* p, I& u0, I& u1) {
    V::template unpack<4>(p, u0, u1);
    u0 = V::look_up(kUnsignedE2M1.of, u0);
    u1 = V::look_up(kUnsignedE2M1.of, u1);
  }

  static void expand_factors(const WeightRow& w, int64_t first, int64_t groups, float* scales,
                             float* biases) {
    const F half = V::set1(0.5f), bias = V::set1(-0.5f * kE2M1Shift);
    const auto convert = [&](const uint8_t* from, float* to) {
      const F scale = V::e8m0(from);
      V::store(to, V::mul(scale, half));
      V::store(biases + (to - scales), V::mul(scale, bias));
    };
    convert_bytes<V>(w.scales + first, groups, scales, convert);
  }

  static F codes_to_float(const uint8_t* p) { return V::twice_e2m1(p); }
  static float scale_value(uint8_t code) { return 0.5f * e8m0_value(code); }
};

template <class V>
struct Nvfp4 : Mxfp4<V> {
  using F = typename V::F;
  static constexpr int kGroup = 16;

  static F spread(const float* groups, int unit) { return V::spread_halves(groups, unit); }

  static void expand_factors(const WeightRow& w, int64_t first, int64_t groups, float* scales,
                             float* biases) {
    const F half = V::set1(0.5f * 256), bias = V::set1(-0.5f * 256 * kE2M1Shift);
    const auto convert = [&](const uint8_t* from, float* to) {
      const F scale = V::e4m3(from);
      V::store(to, V::mul(scale, half));
      V::store(biases + (to - scales), V::mul(scale, bias));
    };
    convert_bytes<V>(w.scales + first, groups, scales, convert);
  }

  static float scale_value(uint8_t code) {
    return 0.5f * 256 * V::widen_half(e4m3_half_bits(code));
  }
};

/// Without products with int8 activations.
template <class V>
struct Mxfp8 : V {
  static constexpr bool kAffine = false;

  static typename V::F codes_to_float(const uint8_t* p) { return V::e4m3(p); }
  static float scale_value(uint8_t code) { return 256.0f * e8m0_value(code); }
};

}  // namespace mlxa::cpu
