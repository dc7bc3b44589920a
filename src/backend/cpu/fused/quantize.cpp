// Affine quantization, and back.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "backend/cpu/fused/products.h"
#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kGrainElements = 1 << 13;

// One group of `count` weights: its scale and bias, and its codes as a little-endian bit stream.
// The value of largest magnitude is kept exactly, and so is zero where the range holds it.
void quantize_group(const float* w, int64_t count, int bits, float* scale, float* bias,
                    uint8_t* packed) {
  const auto [low, high] = std::minmax_element(w, w + count);
  const auto levels = static_cast<float>((1 << bits) - 1);
  constexpr float kSmallest = 1e-7f;
  const bool from_low = std::fabs(*low) > std::fabs(*high);
  float s = std::max((*high - *low) / levels, kSmallest);
  if (!from_low) s = -s;
  const float edge = from_low ? *low : *high;
  const float steps = std::rint(edge / s);
  float b = 0;
  if (steps != 0) {
    s = edge / steps;
    b = edge;
  }
  uint64_t stream = 0;
  int held = 0;
  for (int64_t i = 0; i < count; i++) {
    const float code = std::clamp(std::rint((w[i] - b) / s), 0.0f, levels);
    stream |= static_cast<uint64_t>(code == code ? code : 0.0f) << held;
    for (held += bits; held >= 8; held -= 8, stream >>= 8) {
      *packed++ = static_cast<uint8_t>(stream);
    }
  }
  *scale = s;
  *bias = b;
}

}  // namespace

// Input: w. Outputs: codes, scales, biases.
void quantize(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<Quantize>(primitive);
  const Rows rows(in[0]);
  const int64_t k = rows.length(), groups = k / params.group_size;
  const int64_t group_bytes = params.group_size * params.bits / 8;
  auto* codes = out[0].data<uint8_t>();
  auto *scales = out[1].data<std::byte>(), *biases = out[2].data<std::byte>();
  const FloatType type = float_type(out[1].dtype());
  const auto item = static_cast<int64_t>(out[1].itemsize());
  ThreadPool::instance().parallel_for(
      rows.count(), kGrainElements / k + 1, [&](int64_t begin, int64_t end) {
        auto* row = scratch_of<float>(kTileSlot, static_cast<size_t>(k + 2 * groups));
        float *s = row + k, *b = s + groups;
        for (int64_t r = begin; r < end; r++) {
          rows.load(r, row);
          for (int64_t g = 0; g < groups; g++) {
            quantize_group(row + g * params.group_size, params.group_size, params.bits, s + g,
                           b + g, codes + (r * groups + g) * group_bytes);
          }
          vectors().store(s, type, groups, scales + r * groups * item);
          vectors().store(b, type, groups, biases + r * groups * item);
        }
      });
}

// Inputs: w, scales, biases.
void dequantize(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<Dequantize>(primitive);
  const QuantizedInput input(in[0], in[1], in[2], params.bits, params.group_size);
  std::byte* to = out[0].data<std::byte>();
  const FloatType type = float_type(out[0].dtype());
  for (int64_t i = 0; i < input.count(); i++) {
    const QuantizedMatrix w = input.matrix(i);
    const auto row_bytes = w.k * static_cast<int64_t>(out[0].itemsize());
    ThreadPool::instance().parallel_for(
        w.n, kGrainElements / w.k + 1, [&](int64_t begin, int64_t end) {
          auto* row = scratch_of<float>(kTileSlot, static_cast<size_t>(w.k));
          for (int64_t r = begin; r < end; r++) {
            products().dequantize(w, r, r + 1, row);
            vectors().store(row, type, w.k, to + r * row_bytes);
          }
        });
    to += w.n * row_bytes;
  }
}

}  // namespace mlxa::cpu
