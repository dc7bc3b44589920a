// Quantization, and back.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "backend/cpu/fused/products.h"
#include "backend/cpu/kernels/float_codes.h"
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

void quantize_affine(const Rows& rows, const QuantParams& params, std::span<array> out) {
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

// The nearest E2M1 number's code, of two equally near ones the even code; the largest for what is
// beyond and for NaN.
uint8_t encode_e2m1(float x) {
  const float size = std::fabs(x);
  const auto code = [&] {
    if (size <= 0.25f) return 0;
    if (size < 0.75f) return 1;
    if (size <= 1.25f) return 2;
    if (size < 1.75f) return 3;
    if (size <= 2.5f) return 4;
    if (size < 3.5f) return 5;
    return size <= 5.0f ? 6 : 7;
  }();
  return static_cast<uint8_t>(code | (x < 0.0f ? 8 : 0));
}

// The same for E4M3.
uint8_t encode_e4m3(float x) {
  const float size = std::fabs(x);
  const int sign = std::signbit(x) ? 0x80 : 0;
  if (!(size < 448.0f)) return static_cast<uint8_t>(sign | 0x7e);
  if (size < 0x1p-6f) return static_cast<uint8_t>(sign | static_cast<int>(std::rint(size * 512)));
  uint32_t bits = std::bit_cast<uint32_t>(size);
  constexpr int kDropped = 20;  // bits of the mantissa
  bits += (1u << (kDropped - 1)) - 1 + (bits >> kDropped & 1);
  constexpr int kExponentShift = 127 - 7;
  return static_cast<uint8_t>(sign | (static_cast<int>(bits >> kDropped) - kExponentShift * 8));
}

float e4m3_value(uint8_t code) { return detail::half_bits_to_float(e4m3_half_bits(code)) * 256.0f; }

// The smallest E8M0 number that is not below x, since rounded down it would cut the largest
// weights. One for zero, 255 (no number) for what is not finite.
uint8_t encode_e8m0(float x) {
  if (x == 0.0f) return 127;
  if (!std::isfinite(x)) return 255;
  int exponent = 0;
  const float fraction = std::frexp(x, &exponent);  // x = fraction * 2^exponent, fraction >= 1/2
  if (fraction == 0.5f) exponent--;
  return static_cast<uint8_t>(std::clamp(exponent, -127, 127) + 127);
}

// One group of a mode without biases.
void quantize_group(const float* w, const QuantParams& params, uint8_t* scale, uint8_t* packed) {
  uint32_t largest = 0;  // as bits: NaN is larger than every number
  for (int i = 0; i < params.group_size; i++) {
    largest = std::max(largest, std::bit_cast<uint32_t>(w[i]) & 0x7fffffff);
  }
  const float target = std::bit_cast<float>(largest) / (params.bits == 4 ? 6.0f : 448.0f);
  const bool nvfp4 = params.mode == QuantMode::kNvfp4;
  *scale = nvfp4 ? encode_e4m3(target) : encode_e8m0(target);
  const float step = nvfp4 ? e4m3_value(*scale) : e8m0_value(*scale);
  for (int i = 0; i < params.group_size; i++) {
    const float ratio = step == 0.0f ? 0.0f : w[i] / step;
    if (params.bits == 8) {
      packed[i] = encode_e4m3(ratio);
    } else {
      const int code = encode_e2m1(ratio);
      packed[i / 2] = static_cast<uint8_t>(i % 2 ? packed[i / 2] | code << 4 : code);
    }
  }
}

void quantize_floats(const Rows& rows, const QuantParams& params, std::span<array> out) {
  const int64_t k = rows.length(), groups = k / params.group_size;
  const int64_t group_bytes = params.group_size * params.bits / 8;
  auto *codes = out[0].data<uint8_t>(), *scales = out[1].data<uint8_t>();
  ThreadPool::instance().parallel_for(
      rows.count(), kGrainElements / k + 1, [&](int64_t begin, int64_t end) {
        auto* row = scratch_of<float>(kTileSlot, static_cast<size_t>(k));
        for (int64_t r = begin; r < end; r++) {
          rows.load(r, row);
          for (int64_t g = 0; g < groups; g++) {
            const int64_t at = r * groups + g;
            quantize_group(row + g * params.group_size, params, scales + at,
                           codes + at * group_bytes);
          }
        }
      });
}

}  // namespace

// Input: w. Outputs: codes, scales[, biases].
void quantize(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<Quantize>(primitive);
  const Rows rows(in[0]);
  if (params.mode == QuantMode::kAffine) {
    quantize_affine(rows, params, out);
  } else {
    quantize_floats(rows, params, out);
  }
}

// Inputs: w, scales[, biases].
void dequantize(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<Dequantize>(primitive);
  const QuantizedInput input(in, params);
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
