// Rows of a quantized matrix as the vector kernels read them.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {

struct WeightRow {
  const uint8_t* codes;
  const uint8_t* scales;
  const uint8_t* biases;
  FloatType type;
};

/// Bytes of one scale.
static inline int64_t scale_bytes(const QuantizedMatrix& w) {
  return w.format == WeightFormat::kAffine ? static_cast<int64_t>(size_of(w.scale_type)) : 1;
}

static inline WeightRow weight_row(const QuantizedMatrix& w, int64_t n) {
  const uint8_t* codes = w.weight + n * w.k * w.bits / 8;
  const auto* scales = static_cast<const uint8_t*>(w.scales);
  const auto at = n * (w.k / w.group_size) * scale_bytes(w);
  if (w.format != WeightFormat::kAffine) return {codes, scales + at, nullptr, w.scale_type};
  return {codes, scales + at, static_cast<const uint8_t*>(w.biases) + at, w.scale_type};
}

/// Floats that an expanded row of scales (or biases) takes: whole vectors of any instruction set.
inline constexpr int64_t expanded_groups(int64_t groups) { return (groups + 15) / 16 * 16; }

/// The first `count` values from p on as float32, zeros after; touches no more.
template <class V>
typename V::F widen_first(const uint8_t* p, FloatType type, int64_t count) {
  if (count >= V::kFloats) return V::widen(p, type);
  alignas(64) uint8_t padded[V::kFloats * 4] = {};
  std::memcpy(padded, p, count * size_of(type));
  return V::widen(padded, type);
}

/// Scales and biases of `count` of the row's groups from `first` on (at most a vector of them, then
/// zeros), as the codes that V unpacks need them: 8-bit codes may come less 128. Reads on behind
/// them only if a whole vector may be read (`complete`).
template <class V, int kBits>
[[gnu::always_inline]] inline void load_factors(const WeightRow& w, FloatType type, int64_t first,
                                                int64_t count, bool complete, typename V::F& scales,
                                                typename V::F& biases) {
  const bool direct = complete || count >= V::kFloats;
  if constexpr (!V::kAffine) {
    alignas(64) uint8_t padded[V::kFloats] = {};
    if (!direct) std::memcpy(padded, w.scales + first, count);
    V::factors(direct ? w.scales + first : padded, scales, biases);
  } else {
    const auto at = static_cast<int64_t>(size_of(type)) * first;
    scales = direct ? V::widen(w.scales + at, type) : widen_first<V>(w.scales + at, type, count);
    biases = direct ? V::widen(w.biases + at, type) : widen_first<V>(w.biases + at, type, count);
    if constexpr (kBits == 8 && V::kCentred8) {
      biases = V::fma(scales, V::set1(128.0f), biases);
    }
  }
  if (count < V::kFloats) {
    scales = V::keep_first(scales, static_cast<int>(count));
    biases = V::keep_first(biases, static_cast<int>(count));
  }
}

/// The same for all of a row's groups, biases of affine weights alone; the arrays hold
/// expanded_groups(groups).
template <class V, int kBits, FloatType kType>
void expand_as(const WeightRow& w, int64_t groups, bool complete, float* scales, float* biases) {
  for (int64_t g = 0; g < groups; g += V::kFloats) {
    typename V::F scale, bias;
    load_factors<V, kBits>(w, kType, g, groups - g, complete, scale, bias);
    V::store(scales + g, scale);
    if constexpr (V::kAffine) V::store(biases + g, bias);
  }
}
template <class V, int kBits>
void expand_affine(const WeightRow& w, int64_t groups, bool complete, float* scales,
                   float* biases) {
  if constexpr (V::kAffine) {
    if (w.type == FloatType::kBFloat16) {
      return expand_as<V, kBits, FloatType::kBFloat16>(w, groups, complete, scales, biases);
    }
    if (w.type == FloatType::kFloat16) {
      return expand_as<V, kBits, FloatType::kFloat16>(w, groups, complete, scales, biases);
    }
  }
  expand_as<V, kBits, FloatType::kFloat32>(w, groups, complete, scales, biases);
}

/// One value as float32.
template <class V>
float load_value(const uint8_t* base, FloatType type, int64_t index) {
  if (type == FloatType::kFloat32) {
    float out;
    std::memcpy(&out, base + index * 4, sizeof out);
    return out;
  }
  uint16_t raw;
  std::memcpy(&raw, base + index * 2, sizeof raw);
  if (type == FloatType::kFloat16) return V::widen_half(raw);
  const uint32_t bits = static_cast<uint32_t>(raw) << 16;
  float out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

/// The factors of one group, as V::codes_to_float needs them.
template <class V>
float scale_at(const WeightRow& w, int64_t group) {
  if constexpr (V::kAffine)
    return load_value<V>(w.scales, w.type, group);
  else
    return V::scale_value(w.scales[group]);
}
template <class V>
float bias_at(const WeightRow& w, int64_t group) {
  if constexpr (V::kAffine)
    return load_value<V>(w.biases, w.type, group);
  else
    return 0.0f;
}

}  // namespace mlxa::cpu
