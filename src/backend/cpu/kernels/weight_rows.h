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
  bool paired;  ///< Two activation groups share a weight group (of 128).
};

static inline WeightRow weight_row(const QuantizedMatrix& w, int64_t n) {
  const int64_t at = n * (w.k / w.group_size) * static_cast<int64_t>(size_of(w.scale_type));
  return {w.weight + n * w.k * w.bits / 8, static_cast<const uint8_t*>(w.scales) + at,
          static_cast<const uint8_t*>(w.biases) + at, w.scale_type, w.group_size == 128};
}

/// Scales or biases of `count` activation groups from `group` on, zeros after them. kWhole: count
/// is V::kFloats.
template <class V, bool kWhole>
typename V::F load_group_values(const uint8_t* base, const WeightRow& w, int64_t group, int count) {
  const int bytes = static_cast<int>(size_of(w.type));
  if (kWhole && !w.paired) return V::widen(base + group * bytes, w.type);
  alignas(64) uint8_t padded[V::kFloats * 4] = {};
  if (!w.paired) {
    std::memcpy(padded, base + group * bytes, count * bytes);
    return V::widen(padded, w.type);
  }
  std::memcpy(padded, base + group / 2 * bytes, (count + 1) / 2 * bytes);
  return V::duplicate(V::widen(padded, w.type));
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
