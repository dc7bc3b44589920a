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

static inline WeightRow weight_row(const QuantizedMatrix& w, int64_t n) {
  const int64_t at = n * (w.k / w.group_size) * static_cast<int64_t>(size_of(w.scale_type));
  return {w.weight + n * w.k * w.bits / 8, static_cast<const uint8_t*>(w.scales) + at,
          static_cast<const uint8_t*>(w.biases) + at, w.scale_type};
}

/// The first `count` values from p on as float32, zeros after; touches no more.
template <class V>
typename V::F widen_first(const uint8_t* p, FloatType type, int64_t count) {
  if (count >= V::kFloats) return V::widen(p, type);
  alignas(64) uint8_t padded[V::kFloats * 4] = {};
  std::memcpy(padded, p, count * size_of(type));
  return V::widen(padded, type);
}

/// Floats that an expanded row of scales (or biases) takes: whole vectors of any instruction set,
/// and one more, since a vector may be read from any group on.
inline constexpr int64_t expanded_groups(int64_t groups) { return (groups + 15) / 16 * 16 + 16; }

template <class V, FloatType kType>
void expand_typed(const uint8_t* base, int64_t groups, float* out) {
  constexpr int64_t kBytes = size_of(kType);
  for (int64_t g = 0; g < groups; g += V::kFloats) {
    V::store(out + g, widen_first<V>(base + g * kBytes, kType, groups - g));
  }
}

/// The scales or biases of `groups` groups from `base` on as float32, zeros up to a whole vector.
/// out holds expanded_groups(groups).
template <class V>
void expand_groups(const uint8_t* base, FloatType type, int64_t groups, float* out) {
  switch (type) {
    case FloatType::kFloat32:
      return expand_typed<V, FloatType::kFloat32>(base, groups, out);
    case FloatType::kFloat16:
      return expand_typed<V, FloatType::kFloat16>(base, groups, out);
    case FloatType::kBFloat16:
      return expand_typed<V, FloatType::kBFloat16>(base, groups, out);
  }
}

/// Both of the row's groups from `first` on, with the bias of codes that are unpacked less 128.
template <class V, int kBits>
void expand_affine(const WeightRow& w, int64_t first, int64_t groups, float* scales,
                   float* biases) {
  const auto at = static_cast<int64_t>(size_of(w.type)) * first;
  expand_groups<V>(w.scales + at, w.type, groups, scales);
  expand_groups<V>(w.biases + at, w.type, groups, biases);
  if constexpr (kBits == 8 && V::kCentred8) {
    for (int64_t g = 0; g < groups; g += V::kFloats) {
      V::store(biases + g, V::fma(V::load(scales + g), V::set1(128.0f), V::load(biases + g)));
    }
  }
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

}  // namespace mlxa::cpu
