// What the tests of the matrix products share: guarded buffers, random matrices in the MLX layout
// and their double-precision meaning, computed from the definition alone.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/cpu/kernels/dispatch.h"

namespace mlxa::cpu {

/// Tests of one instruction set's kernels, skipped where the processor lacks it.
class KernelsOfIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_supported(GetParam())) {
      GTEST_SKIP() << "this processor does not run " << isa_name(GetParam());
    }
  }
  const MatmulKernels& kernels() const { return matmul_kernels(GetParam()); }
};

/// A buffer with unreadable pages on both sides; it touches the one behind it (or, with
/// `at_start`, the one before it), so a read or write outside ends the program. What lies between
/// the buffer and the other page is checked at the end: a write there fails the test.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t count, bool at_start = false) : count_(count) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = count * sizeof(T);
    const size_t inner = (bytes + page - 1) / page * page;
    mapped_ = inner + 2 * page;
    base_ =
        static_cast<char*>(mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    if (inner && mprotect(base_ + page, inner, PROT_READ | PROT_WRITE)) throw std::bad_alloc();
    data_ = reinterpret_cast<T*>(base_ + page + (at_start ? 0 : inner - bytes));
    slack_ = {base_ + page + (at_start ? bytes : 0), inner - bytes};
    std::memset(slack_.data(), kSentinel, slack_.size());
  }
  ~Guarded() {
    for (char byte : slack_) {
      if (byte == kSentinel) continue;
      ADD_FAILURE() << "a write outside of the buffer";
      break;
    }
    munmap(base_, mapped_);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return count_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + count_; }

 private:
  static constexpr char kSentinel = 0x5b;

  size_t count_;
  size_t mapped_;
  std::span<char> slack_;
  char* base_;
  T* data_;
};

inline const char* type_name(FloatType type) {
  return type == FloatType::kFloat32 ? "f32" : type == FloatType::kFloat16 ? "f16" : "bf16";
}

/// Rounds to the type (f16: normal range only, which is all that the tests make) and back.
inline uint32_t encode(float value, FloatType type) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (type == FloatType::kFloat32) return bits;
  if (type == FloatType::kBFloat16) return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const uint32_t rounded = bits + 0xfff + ((bits >> 13) & 1);
  const int exponent = static_cast<int>((rounded >> 23) & 0xff) - 112;
  if (exponent <= 0) return (bits >> 16) & 0x8000;
  return ((bits >> 16) & 0x8000) | static_cast<uint32_t>(exponent << 10) |
         ((rounded >> 13) & 0x3ff);
}

inline double decode(uint32_t raw, FloatType type) {
  if (type == FloatType::kFloat32) return std::bit_cast<float>(raw);
  if (type == FloatType::kBFloat16) return std::bit_cast<float>(raw << 16);
  const int exponent = (raw >> 10) & 31, mantissa = raw & 0x3ff;
  const double sign = raw & 0x8000 ? -1.0 : 1.0;
  return exponent ? sign * std::ldexp(1024 + mantissa, exponent - 25)
                  : sign * std::ldexp(mantissa, -24);
}

inline void put(uint8_t* base, size_t index, uint32_t raw, FloatType type) {
  std::memcpy(base + index * size_of(type), &raw, size_of(type));  // little-endian
}

inline uint32_t get(const uint8_t* base, size_t index, FloatType type) {
  uint32_t raw = 0;
  std::memcpy(&raw, base + index * size_of(type), size_of(type));
  return raw;
}

/// What a quantized matrix is made of.
struct Quantization {
  WeightFormat format;
  int bits;
  int group;

  bool affine() const { return format == WeightFormat::kAffine; }
  std::string name() const {
    const char* formats[] = {"affine", "mxfp4", "mxfp8", "nvfp4"};
    return formats[static_cast<int>(format)] + std::string("_bits") + std::to_string(bits) +
           "_group" + std::to_string(group);
  }
};

inline std::vector<Quantization> all_quantizations() {
  std::vector<Quantization> out;
  for (int bits : {2, 3, 4, 5, 6, 8}) {
    for (int group : {32, 64, 128}) out.push_back({WeightFormat::kAffine, bits, group});
  }
  out.push_back({WeightFormat::kMxfp4, 4, 32});
  out.push_back({WeightFormat::kMxfp8, 8, 32});
  out.push_back({WeightFormat::kNvfp4, 4, 16});
  return out;
}

/// Each of them in every instruction set, and the name of such a pair.
inline auto all_isas_and_quantizations() {
  return testing::Combine(testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx),
                          testing::ValuesIn(all_quantizations()));
}
inline std::string isa_and_quantization(
    const testing::TestParamInfo<std::tuple<Isa, Quantization>>& info) {
  return std::string(isa_name(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name();
}

/// A number of a sign, some bits of exponent and some of mantissa, with subnormal numbers.
inline double small_float(int code, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int mantissa = code & ((1 << mantissa_bits) - 1);
  const int exponent = (code >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const double magnitude =
      exponent ? std::ldexp((1 << mantissa_bits) + mantissa, exponent - bias - mantissa_bits)
               : std::ldexp(mantissa, 1 - bias - mantissa_bits);
  return code >> (exponent_bits + mantissa_bits) & 1 ? -magnitude : magnitude;
}

/// A random quantized matrix in guarded buffers.
struct RandomQuantized {
  Quantization kind;
  Guarded<uint8_t> weight, scales, biases;
  QuantizedMatrix view;

  RandomQuantized(int64_t n, int64_t k, const Quantization& q, FloatType type, uint64_t seed,
                  bool at_start = false)
      : kind(q),
        weight(n * k * q.bits / 8, at_start),
        scales(n * (k / q.group) * (q.affine() ? size_of(type) : 1), at_start),
        biases(q.affine() ? n * (k / q.group) * size_of(type) : 0, at_start),
        view{weight.data(), scales.data(), q.affine() ? biases.data() : nullptr, type, n, k, q.bits,
             q.group,       q.format} {
    std::mt19937_64 rng(seed);
    for (uint8_t& byte : weight) {
      do {
        byte = static_cast<uint8_t>(rng() >> 40);
      } while (q.format == WeightFormat::kMxfp8 && (byte & 0x7f) == 0x7f);  // not a number
    }
    if (!q.affine()) {
      for (uint8_t& code : scales) {
        const auto any = static_cast<int>(rng() >> 40 & 0xffff);
        code = static_cast<uint8_t>(q.format == WeightFormat::kNvfp4 ? any % 0x7f | (any & 0x80)
                                                                     : 115 + any % 7);
      }
      return;
    }
    std::uniform_real_distribution<float> magnitude(0.004f, 0.02f), shift(-0.7f, 0.3f);
    for (int64_t i = 0; i < n * (k / q.group); ++i) {
      const float scale = magnitude(rng) * (rng() & 1 ? 1.0f : -1.0f);
      put(scales.data(), i, encode(scale, type), type);
      put(biases.data(), i,
          encode(scale * static_cast<float>((1 << q.bits) - 1) * shift(rng), type), type);
    }
  }

  /// The code by the rule: element i of a row is bits [i * b, i * b + b), least significant first.
  int code(int64_t row, int64_t i) const {
    const uint8_t* p = weight.data() + row * view.k * view.bits / 8;
    int out = 0;
    for (int bit = 0; bit < view.bits; ++bit) {
      const int64_t at = i * view.bits + bit;
      out |= ((p[at / 8] >> (at % 8)) & 1) << bit;
    }
    return out;
  }
  double scale(int64_t row, int64_t i) const {
    const int64_t at = (row * view.k + i) / view.group_size;
    if (kind.format == WeightFormat::kNvfp4) return small_float(scales[at], 4, 3);
    if (!kind.affine()) return std::ldexp(1.0, scales[at] - 127);
    return decode(get(scales.data(), at, view.scale_type), view.scale_type);
  }
  double bias(int64_t row, int64_t i) const {
    if (!kind.affine()) return 0.0;
    return decode(get(biases.data(), (row * view.k + i) / view.group_size, view.scale_type),
                  view.scale_type);
  }
  /// What the scale multiplies.
  double value(int64_t row, int64_t i) const {
    if (kind.affine()) return code(row, i);
    return kind.bits == 4 ? small_float(code(row, i), 2, 1) : small_float(code(row, i), 4, 3);
  }
};

/// Activations with outliers, zeros and a group of zeros, [m, k] at row stride ld.
inline void fill_activations(std::span<float> out, uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<float> normal(0.0f, 1.0f);
  for (float& x : out) x = normal(rng) * (rng() % 50 == 0 ? 12.0f : 1.0f);
  if (out.size() >= 256) {
    for (size_t i = 128; i < 192; ++i) out[i] = 0.0f;
  }
}

/// Expected products in double precision, and for each the sum of the magnitudes of its terms,
/// which is what float32 rounding errors are proportional to.
struct Expected {
  std::vector<double> value, magnitude;
};

template <class Weight, class Term>
Expected multiply(int64_t m, int64_t n, int64_t k, const std::vector<double>& x, Weight&& weight,
                  Term&& magnitude) {
  Expected out{std::vector<double>(m * n), std::vector<double>(m * n)};
  std::vector<double> w(k), a(k);
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < k; ++i) {
      w[i] = weight(j, i);
      a[i] = magnitude(j, i);
    }
    for (int64_t r = 0; r < m; ++r) {
      double value = 0.0, size = 0.0;
      for (int64_t i = 0; i < k; ++i) {
        value += x[r * k + i] * w[i];
        size += std::fabs(x[r * k + i]) * a[i];
      }
      out.value[r * n + j] = value;
      out.magnitude[r * n + j] = size;
    }
  }
  return out;
}

/// Aligned, guarded scratch of exactly what the table asks for.
class Scratch {
 public:
  Scratch(const MatmulKernels& kernels, int64_t k)
      : bytes_((kernels.scratch_bytes(k) + 63) / 64 * 64) {
    std::memset(bytes_.data(), 0xcd, bytes_.size());
  }
  void* data() { return bytes_.data(); }

 private:
  Guarded<uint8_t> bytes_;
};

}  // namespace mlxa::cpu
