// The floating-point formats as vectors V that unpack other numbers: the kernels of affine weights
// run on them unchanged.
//
// What a kernel asks of such a V beside the instruction set's own:
//   kGroup           elements that share a scale, of weights (affine: at least) and activations
//   unpack, dot      a unit of codes as bytes, and what a bias set right is shifted by
//   kShift           what of those bytes a bias takes away, in all groups: 0 for affine weights
//   factors          scales and biases for those bytes, of kFloats groups
//   plain_scales     whether scales may come from plain_scale, which is faster
//   codes_to_float   codes as floats that scale_value of their scale makes weights, without a bias
#pragma once

#include <cstdint>

#include "backend/cpu/kernels/float_codes.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

template <class V>
struct Mxfp4 : V {
  using F = typename V::F;
  using I = typename V::I;
  static constexpr bool kAffine = false;
  static constexpr int kExtraBits = 1;  // bytes of 0 to 24
  static constexpr int kShift = kE2M1Shift;

  template <int>
  [[gnu::always_inline]] static inline void unpack(const uint8_t* p, I& u0, I& u1) {
    split(V::load_bytes(p), u0, u1);
  }

  [[gnu::always_inline]] static inline void split(I both, I& u0, I& u1) {
    V::look_up_halves(kUnsignedE2M1.of, both, u0, u1);
  }

  static void factors(const uint8_t* codes, F& scales, F& biases) {
    const F scale = V::e8m0(codes);
    scales = V::mul(scale, V::set1(0.5f));
    biases = V::mul(scale, V::set1(-0.5f * kE2M1Shift));
  }

  /// Whether plain_scale may have these codes of scales. It gives those of kFloats groups, but for
  /// kPlainFactor.
  static bool plain_scales(const uint8_t* /*codes*/, int64_t /*count*/) { return true; }
  static F plain_scale(const uint8_t* codes) { return V::mul(V::e8m0(codes), V::set1(0.5f)); }
  static constexpr float kPlainFactor = 1.0f;

  static F codes_to_float(const uint8_t* p) { return V::twice_e2m1(p); }
  static float scale_value(uint8_t code) { return 0.5f * e8m0_value(code); }
};

template <class V>
struct Nvfp4 : Mxfp4<V> {
  using F = typename V::F;
  static constexpr int kGroup = 16;

  static void factors(const uint8_t* codes, F& scales, F& biases) {
    const F scale = V::e4m3(codes);  // / 256
    scales = V::mul(scale, V::set1(0.5f * 256));
    biases = V::mul(scale, V::set1(-0.5f * 256 * kE2M1Shift));
  }

  static bool plain_scales(const uint8_t* codes, int64_t count) {
    return V::all_plain_e4m3(codes, count);
  }
  static F plain_scale(const uint8_t* codes) { return V::plain_e4m3(codes); }
  static constexpr float kPlainFactor = 0.5f * 256;

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
