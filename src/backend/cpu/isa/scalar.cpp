// Matrix products in plain C++: what the other instruction sets are held against, and the kernels
// of machines that have none of their own. Both families run the same code here.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/float_codes.h"
#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {
namespace {

constexpr int kMaxGroup = 128;
constexpr int64_t kDenseBlock =
    128;  // k per partial sum: keeps the rounding error of long rows low

float from_bits(uint32_t bits) {
  float out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 0x1f;
  const uint32_t mantissa = half & 0x3ff;
  if (exponent == 31) return from_bits(sign | 0x7f800000 | (mantissa << 13));
  if (exponent != 0) return from_bits(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

float load(const void* base, FloatType type, int64_t index) {
  if (type == FloatType::kFloat32) {
    float out;
    std::memcpy(&out, static_cast<const char*>(base) + index * 4, sizeof out);
    return out;
  }
  uint16_t raw;
  std::memcpy(&raw, static_cast<const char*>(base) + index * 2, sizeof raw);
  return type == FloatType::kBFloat16 ? from_bits(static_cast<uint32_t>(raw) << 16)
                                      : half_to_float(raw);
}

// Codes of one group: element i occupies bits [i * bits, (i + 1) * bits) of the byte stream.
void unpack_group(const QuantizedMatrix& w, int64_t row, int64_t group, uint8_t* codes) {
  const int64_t groups = w.k / w.group_size;
  const uint8_t* p = w.weight + (row * groups + group) * w.group_size * w.bits / 8;
  const uint32_t mask = (1u << w.bits) - 1;
  uint32_t stream = 0;
  int available = 0;
  for (int i = 0; i < w.group_size; ++i) {
    if (available < w.bits) {
      stream |= static_cast<uint32_t>(*p++) << available;
      available += 8;
    }
    codes[i] = static_cast<uint8_t>(stream & mask);
    stream >>= w.bits;
    available -= w.bits;
  }
}

float e4m3_value(uint8_t code) { return half_to_float(e4m3_half_bits(code)) * 256.0f; }

float scale_of(const QuantizedMatrix& w, int64_t row, int64_t group) {
  const int64_t at = row * (w.k / w.group_size) + group;
  if (w.format == WeightFormat::kAffine) return load(w.scales, w.scale_type, at);
  const uint8_t code = static_cast<const uint8_t*>(w.scales)[at];
  return w.format == WeightFormat::kNvfp4 ? e4m3_value(code) : e8m0_value(code);
}

float bias_of(const QuantizedMatrix& w, int64_t row, int64_t group) {
  return load(w.biases, w.scale_type, row * (w.k / w.group_size) + group);
}

// The weights of one group.
void expand_group(const QuantizedMatrix& w, int64_t row, int64_t group, float* out) {
  uint8_t codes[kMaxGroup];
  unpack_group(w, row, group, codes);
  const float scale = scale_of(w, row, group);
  if (w.format == WeightFormat::kAffine) {
    const float bias = bias_of(w, row, group);
    for (int i = 0; i < w.group_size; ++i) out[i] = scale * codes[i] + bias;
  } else if (w.format == WeightFormat::kMxfp8) {
    for (int i = 0; i < w.group_size; ++i) out[i] = scale * e4m3_value(codes[i]);
  } else {
    for (int i = 0; i < w.group_size; ++i) out[i] = 0.5f * scale * kTwiceE2M1.of[codes[i]];
  }
}

// A group as integers for products with int8 activations, and what makes weights of them.
struct Affine {
  float scale;
  float bias;
};

Affine affine_group(const QuantizedMatrix& w, int64_t row, int64_t group, uint8_t* codes) {
  unpack_group(w, row, group, codes);
  const float scale = scale_of(w, row, group);
  if (w.format == WeightFormat::kAffine) return {scale, bias_of(w, row, group)};
  for (int i = 0; i < w.group_size; ++i) codes[i] = kUnsignedE2M1.of[codes[i]];
  return {0.5f * scale, -0.5f * kE2M1Shift * scale};
}

// Half to even: adding 1.5 * 2^23 leaves no bits for a fraction.
int32_t round_to_int(float value) {
  constexpr float kMagic = 12582912.0f;
  return static_cast<int32_t>((value + kMagic) - kMagic);
}

float clamped(float ratio) {
  if (!(ratio > -127.0f)) return -127.0f;  // NaN too, whose group has a NaN scale anyway
  return ratio < 127.0f ? ratio : 127.0f;
}

int8_t round_to_code(float ratio) { return static_cast<int8_t>(round_to_int(clamped(ratio))); }

float short_scale(float largest) {
  const float scale = largest / 127.0f;
  uint32_t bits;
  std::memcpy(&bits, &scale, sizeof bits);
  constexpr uint32_t kSmallestNormal = 0x00800000;
  return from_bits(bits < kSmallestNormal ? 0 : bits & kScaleMask);
}

void quantize_group(const float* x, int count, int part, int8_t* q, float* scale, float* sum) {
  uint32_t largest = 0;  // as bits: NaN is larger than every number
  for (int i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  *scale = short_scale(from_bits(largest));
  const float inverse = *scale == 0.0f ? 0.0f : 1.0f / *scale;
  int32_t total = 0;
  for (int i = 0; i < count; ++i) {
    const float ratio = x[i] * inverse;
    const int8_t coarse = round_to_code(ratio);
    q[i] = part == 0 ? coarse : round_to_code((clamped(ratio) - coarse) * kPartRatio);
    total += q[i];
  }
  if (part == 1) *scale /= kPartRatio;
  *sum = *scale * static_cast<float>(total);
}

void quantize_rows(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                   const QuantizedMatrix& w, Family, const Int8Rows& out) noexcept {
  const int size = activation_group(w);
  const int64_t groups = k / size;
  for (int64_t m = m_begin; m < m_end; ++m) {
    for (int64_t i = 0; i < groups * out.parts; ++i) {
      const int64_t part = i / groups, g = i % groups, row = m * out.parts + part;
      const int64_t at = g * size, to = row * groups + g;
      quantize_group(x + m * k + at, size, static_cast<int>(part), out.q + row * k + at,
                     out.scales + to, out.sums + to);
    }
  }
}

size_t arranged_bytes(const QuantizedMatrix&, Family) noexcept { return 0; }

void arrange_rows(const QuantizedMatrix&, Family, const Int8Rows&, int64_t, int64_t,
                  int64_t) noexcept {}

void qmm_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
              int64_t n_end, float* y, int64_t ldy, Family, void*) noexcept {
  uint8_t codes[kMaxGroup];
  const int size = activation_group(w);
  const int64_t x_groups = w.k / size;
  for (int64_t n = n_begin; n < n_end; ++n) {
    for (int64_t i = 0; i < m; ++i) y[i * ldy + n] = 0.0f;
    for (int64_t g = 0; g < w.k / w.group_size; ++g) {
      const Affine a = affine_group(w, n, g, codes);
      for (int64_t i = 0; i < m * x.parts; ++i) {
        float& out = y[i / x.parts * ldy + n];
        for (int at = 0; at < w.group_size; at += size) {
          const int64_t k = g * w.group_size + at;
          const int8_t* q = x.q + i * w.k + k;
          int32_t dot = 0;
          for (int j = 0; j < size; ++j) dot += codes[at + j] * q[j];
          const int64_t xg = i * x_groups + k / size;
          out += a.scale * x.scales[xg] * static_cast<float>(dot) + a.bias * x.sums[xg];
        }
      }
    }
  }
}

void qmm_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin, int64_t n_end,
               float* y, int64_t ldy, Family, void*) noexcept {
  float expanded[kMaxGroup];
  for (int64_t n = n_begin; n < n_end; ++n) {
    for (int64_t i = 0; i < m; ++i) y[i * ldy + n] = 0.0f;
    for (int64_t g = 0; g < w.k / w.group_size; ++g) {
      expand_group(w, n, g, expanded);
      for (int64_t i = 0; i < m; ++i) {
        const float* row = x + i * w.k + g * w.group_size;
        float sum = 0.0f;
        for (int j = 0; j < w.group_size; ++j) sum += row[j] * expanded[j];
        y[i * ldy + n] += sum;
      }
    }
  }
}

void dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
           int64_t n_end, float* y, int64_t ldy, Family, void*) noexcept {
  float expanded[kDenseBlock];
  for (int64_t n = n_begin; n < n_end; ++n) {
    for (int64_t i = 0; i < m; ++i) y[i * ldy + n] = 0.0f;
    for (int64_t k = 0; k < w.k; k += kDenseBlock) {
      const int64_t count = w.k - k < kDenseBlock ? w.k - k : kDenseBlock;
      for (int64_t j = 0; j < count; ++j) {
        expanded[j] = load(w.data, w.type, n * w.row_stride + (k + j) * w.col_stride);
      }
      for (int64_t i = 0; i < m; ++i) {
        const float* row = x + i * ldx + k;
        float sum = 0.0f;
        for (int64_t j = 0; j < count; ++j) sum += row[j] * expanded[j];
        y[i * ldy + n] += sum;
      }
    }
  }
}

size_t scratch_bytes(int64_t) noexcept { return 0; }

void dequantize(const QuantizedMatrix& w, int64_t n_begin, int64_t n_end, float* out) noexcept {
  for (int64_t n = n_begin; n < n_end; ++n) {
    for (int64_t g = 0; g < w.k / w.group_size; ++g, out += w.group_size) {
      expand_group(w, n, g, out);
    }
  }
}

}  // namespace

constinit const MatmulKernels kScalarMatmul = {quantize_rows, arranged_bytes, arrange_rows,
                                               qmm_fast,      qmm_exact,      dense,
                                               scratch_bytes, dequantize};

}  // namespace mlxa::cpu
