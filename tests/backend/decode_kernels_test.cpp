// The kernels of decode attention on every instruction set that this machine runs.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backend/cpu/kernels/vector_dispatch.h"
#include "backend/matmul_fixture.h"

namespace mlxa::cpu {
namespace {

class DecodeIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_supported(GetParam())) GTEST_SKIP() << "not on this machine";
  }
  const VectorKernels& kernels() const { return vector_kernels(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(All, DecodeIsa, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512),
                         [](const auto& info) { return std::string(isa_name(info.param)); });

std::vector<float> random(size_t n, uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(n);
  for (float& x : out) x = normal(engine);
  return out;
}

// Rows of `type` that end (or begin) at a page that cannot be read.
struct Stored {
  Guarded<uint8_t> bytes;
  std::vector<double> values;

  Stored(FloatType type, size_t count, uint32_t seed)
      : bytes(count * size_of(type), seed % 2 == 1), values(count) {
    const std::vector<float> in = random(count, seed);
    for (size_t i = 0; i < count; i++) {
      put(bytes.data(), i, encode(in[i], type), type);
      values[i] = decode(get(bytes.data(), i, type), type);
    }
  }
};

// Rows of codes, likewise. Scales of both signs, as a file of another program may hold.
struct Codes {
  Guarded<uint8_t> bytes;
  std::vector<double> values;

  static int64_t row_bytes(const StoredType& type, int64_t dim) {
    return dim * type.bits / 8 + dim / type.group * 4;
  }

  Codes(const StoredType& type, int64_t rows, int64_t dim, uint32_t seed)
      : bytes(static_cast<size_t>(rows * row_bytes(type, dim)), seed % 2 == 1) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal;
    const int64_t stride = row_bytes(type, dim), code_bytes = dim * type.bits / 8;
    for (int64_t r = 0; r < rows; r++) {
      uint8_t* row = bytes.data() + r * stride;
      for (int64_t i = 0; i < code_bytes; i++) row[i] = static_cast<uint8_t>(engine());
      const auto levels = static_cast<float>((1 << type.bits) - 1);
      std::vector<double> factors;
      for (int64_t g = 0; g < dim / type.group; g++) {
        const float size = 4 / levels * std::fabs(1 + 0.3f * normal(engine));
        const bool falls = engine() % 8 == 0;
        for (float x : {falls ? -size : size, (falls ? 0.5f : -0.5f) * size * levels}) {
          put(row + code_bytes, factors.size(), encode(x, FloatType::kBFloat16),
              FloatType::kBFloat16);
          factors.push_back(decode(get(row + code_bytes, factors.size(), FloatType::kBFloat16),
                                   FloatType::kBFloat16));
        }
      }
      for (int64_t d = 0; d < dim; d++) {
        const int code = type.bits == 8 ? row[d] : row[d / 2] >> d % 2 * 4 & 15;
        const int64_t g = d / type.group;
        values.push_back(code * factors[2 * g] + factors[2 * g + 1]);
      }
    }
  }
};

// What the softmax of row r's scores makes of the values.
std::vector<double> attended(const std::vector<double>& keys, const std::vector<double>& values,
                             const float* q, const DecodeAttention& shape, int64_t count) {
  std::vector<double> weights(count), out(shape.values.dim);
  for (int64_t t = 0; t < count; t++) {
    for (int64_t d = 0; d < shape.keys.dim; d++) {
      weights[t] += q[d] * keys[t * shape.keys.dim + d];
    }
  }
  const double top = *std::max_element(weights.begin(), weights.end());
  double total = 0;
  for (int64_t t = 0; t < count; t++) {
    const double weight = std::exp(weights[t] - top);
    total += weight;
    for (int64_t d = 0; d < shape.values.dim; d++) {
      out[d] += weight * values[t * shape.values.dim + d];
    }
  }
  for (double& x : out) x /= total;
  return out;
}

struct Case {
  StoredType type;
  int64_t rows, key_dim, value_dim, count;
  bool rounds = false;
};

// Runs the tiles, and compares what comes out with the definition.
template <class Rows>
void compare(const VectorKernels& kernels, const Case& c, const Rows& keys, const Rows& values,
             int64_t key_stride, int64_t value_stride, double tolerance) {
  const int64_t dk = padded(c.key_dim), dv = padded(c.value_dim);
  std::vector<float> q = random(c.rows * dk, 3), out(c.rows * dv);
  for (int64_t i = 0; i < c.rows * dk; i++) q[i] = i % dk < c.key_dim ? 0.3f * q[i] : 0.0f;
  DecodeAttention shape{
      c.type, {c.key_dim, key_stride}, {c.value_dim, value_stride}, c.rows, q.data(), c.rounds};
  const auto made_floats = static_cast<size_t>(kernels.decode_query_floats(shape));
  cpu::Guarded<float> made(made_floats + 16);
  if (made_floats) {
    float* to = made.data();
    while (reinterpret_cast<uintptr_t>(to) % 64) to++;
    kernels.decode_queries(shape, q.data(), to);
    shape.q = to;
  }
  DecodeState state{{}, {}, out.data()};
  std::fill_n(state.max, kDecodeLanes, -INFINITY);
  for (int64_t t = 0; t < c.count; t += kDecodeKeys) {
    const uint8_t *k = keys.bytes.data() + t * key_stride,
                  *v = values.bytes.data() + t * value_stride;
    const bool more = t + kDecodeKeys < c.count;
    kernels.decode_tile(
        shape,
        {k, v, std::min(kDecodeKeys, c.count - t), more ? k + kDecodeKeys * key_stride : nullptr,
         more ? v + kDecodeKeys * value_stride : nullptr},
        state);
  }
  kernels.decode_total(shape, state);
  for (int64_t r = 0; r < c.rows; r++) {
    const std::vector<double> want =
        attended(keys.values, values.values, q.data() + r * dk, shape, c.count);
    for (int64_t d = 0; d < c.value_dim; d++) {
      ASSERT_NEAR(out[r * dv + d] / state.sum[r], want[d], tolerance) << r << " " << d;
    }
  }
}

void check(const VectorKernels& kernels, const Case& c) {
  SCOPED_TRACE(testing::Message() << type_name(c.type.type) << " bits " << c.type.bits << " of "
                                  << c.type.group << " rounds " << c.rounds << " rows " << c.rows
                                  << " dims " << c.key_dim << " " << c.value_dim << " keys "
                                  << c.count);
  if (c.type.bits) {
    // The values reach 4 in size, scores some 10: what 16 bits round off.
    compare(kernels, c, Codes(c.type, c.count, c.key_dim, 1),
            Codes(c.type, c.count, c.value_dim, 2), Codes::row_bytes(c.type, c.key_dim),
            Codes::row_bytes(c.type, c.value_dim), c.rounds ? 1e-3 : 2e-5);
    return;
  }
  const auto item = static_cast<int64_t>(size_of(c.type.type));
  compare(kernels, c, Stored(c.type.type, c.count * c.key_dim, 1),
          Stored(c.type.type, c.count * c.value_dim, 2), c.key_dim * item, c.value_dim * item,
          3e-6);
}

TEST_P(DecodeIsa, AttendsToStoredRowsAndStaysInside) {
  for (FloatType type : {FloatType::kFloat32, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (int64_t rows = 1; rows <= kDecodeRows; rows++) {
      for (int64_t dim : {1, 16, 33, 64, 80, 96, 128, 200}) {
        for (int64_t count : {1, 5, 31, 64, 130}) {
          check(kernels(), {{type}, rows, dim, dim == 64 ? 72 : dim, count});
        }
      }
    }
  }
}

TEST_P(DecodeIsa, AttendsToCodesAndStaysInside) {
  for (int bits : {8, 4}) {
    for (int group : {64, 32}) {
      for (int64_t rows = 1; rows <= kDecodeRows; rows++) {
        for (int64_t dim : {group, 2 * group, 192, 256}) {
          for (int64_t count : {1, 3, 5, 17, 31, 63, 64, 130}) {
            const StoredType type{FloatType::kFloat32, bits, group};
            for (bool rounds : {false, true}) {
              check(kernels(), {type, rows, dim, dim == 192 ? 64 : dim, count, rounds});
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu
