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

// What the softmax of row r's scores makes of the values.
std::vector<double> attended(const Stored& keys, const Stored& values, const float* q,
                             const DecodeAttention& shape, int64_t count) {
  std::vector<double> weights(count), out(shape.values.dim);
  for (int64_t t = 0; t < count; t++) {
    for (int64_t d = 0; d < shape.keys.dim; d++) {
      weights[t] += q[d] * keys.values[t * shape.keys.dim + d];
    }
  }
  const double top = *std::max_element(weights.begin(), weights.end());
  double total = 0;
  for (int64_t t = 0; t < count; t++) {
    const double weight = std::exp(weights[t] - top);
    total += weight;
    for (int64_t d = 0; d < shape.values.dim; d++) {
      out[d] += weight * values.values[t * shape.values.dim + d];
    }
  }
  for (double& x : out) x /= total;
  return out;
}

struct Case {
  FloatType type;
  int64_t rows, key_dim, value_dim, count;
};

void check(const VectorKernels& kernels, const Case& c) {
  SCOPED_TRACE(testing::Message() << type_name(c.type) << " rows " << c.rows << " dims "
                                  << c.key_dim << " " << c.value_dim << " keys " << c.count);
  const Stored keys(c.type, c.count * c.key_dim, 1), values(c.type, c.count * c.value_dim, 2);
  const int64_t dk = padded(c.key_dim), dv = padded(c.value_dim);
  const auto item = static_cast<int64_t>(size_of(c.type));
  std::vector<float> q = random(c.rows * dk, 3), out(c.rows * dv);
  for (int64_t i = 0; i < c.rows * dk; i++) q[i] = i % dk < c.key_dim ? 0.3f * q[i] : 0.0f;
  const DecodeAttention shape{
      {c.type}, {c.key_dim, c.key_dim * item}, {c.value_dim, c.value_dim * item}, c.rows, q.data()};
  DecodeState state{{}, {}, out.data()};
  std::fill_n(state.max, kDecodeLanes, -INFINITY);
  for (int64_t t = 0; t < c.count; t += kDecodeKeys) {
    const uint8_t* k = keys.bytes.data() + t * shape.keys.stride;
    const bool more = t + kDecodeKeys < c.count;
    kernels.decode_tile(
        shape,
        {k, values.bytes.data() + t * shape.values.stride, std::min(kDecodeKeys, c.count - t),
         more ? k + kDecodeKeys * shape.keys.stride : nullptr},
        state);
  }
  kernels.decode_total(shape, state);
  for (int64_t r = 0; r < c.rows; r++) {
    const std::vector<double> want = attended(keys, values, q.data() + r * dk, shape, c.count);
    for (int64_t d = 0; d < c.value_dim; d++) {
      ASSERT_NEAR(out[r * dv + d] / state.sum[r], want[d], 3e-6) << r << " " << d;
    }
  }
}

TEST_P(DecodeIsa, AttendsToStoredRowsAndStaysInside) {
  for (FloatType type : {FloatType::kFloat32, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (int64_t rows = 1; rows <= kDecodeRows; rows++) {
      for (int64_t dim : {1, 16, 33, 64, 80, 96, 128, 200}) {
        for (int64_t count : {1, 5, 31, 64, 130}) {
          check(kernels(), {type, rows, dim, dim == 64 ? 72 : dim, count});
        }
      }
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu
