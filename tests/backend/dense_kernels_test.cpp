// Dense products of every instruction set beyond what matmul_kernels_test.cpp walks through: sizes
// that are cut into pieces, and what lies around a row.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backend/matmul_fixture.h"

namespace mlxa::cpu {
namespace {

constexpr FloatType kTypes[] = {FloatType::kFloat32, FloatType::kFloat16, FloatType::kBFloat16};
constexpr Family kFamilies[] = {Family::kDecode, Family::kPrefill};
constexpr double kTolerance = 1e-6;  // of the sum of the magnitudes of an element's terms

class DenseIsa : public KernelsOfIsa {};

INSTANTIATE_TEST_SUITE_P(All, DenseIsa, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512),
                         [](const auto& info) { return std::string(isa_name(info.param)); });

// More rows, columns and terms than a product takes at once, by threads that start in the middle.
TEST_P(DenseIsa, InPieces) {
  constexpr int64_t kM = 530, kN = 320, kK = 540;
  for (FloatType type : kTypes) {
    Guarded<uint8_t> data(kN * kK * size_of(type));
    Guarded<float> x(kM * kK), y(kM * kN);
    std::mt19937_64 rng(1);
    std::normal_distribution<float> normal(0.0f, 0.3f);
    for (int64_t i = 0; i < kN * kK; ++i) put(data.data(), i, encode(normal(rng), type), type);
    fill_activations({x.data(), x.size()}, 2);
    auto weight = [&](int64_t j, int64_t i) {
      return decode(get(data.data(), j * kK + i, type), type);
    };
    const Expected expected =
        multiply(kM, kN, kK, std::vector<double>(x.data(), x.data() + x.size()), weight,
                 [&](int64_t j, int64_t i) { return std::fabs(weight(j, i)); });
    const DenseMatrix w{data.data(), type, kN, kK, kK, 1};
    for (Family family : kFamilies) {
      Scratch scratch(kernels(), kK);
      std::fill(y.begin(), y.end(), std::numeric_limits<float>::quiet_NaN());
      for (int64_t n : {0, 288}) {
        kernels().dense(w, x.data(), kK, kM, n, n ? kN : 288, y.data(), kN, family, scratch.data());
      }
      for (int64_t i = 0; i < kM * kN; ++i) {
        ASSERT_LE(std::fabs(y[i] - expected.value[i]), kTolerance * expected.magnitude[i])
            << isa_name(GetParam()) << " " << type_name(type)
            << (family == Family::kDecode ? " decode" : " prefill") << " row " << i / kN
            << " column " << i % kN;
      }
    }
  }
}

// What lies behind a row is not part of it, not even times zero.
TEST_P(DenseIsa, RowsEndWhereTheyEnd) {
  for (FloatType type : kTypes) {
    for (int64_t k : {1, 7, 33, 70}) {
      Guarded<uint8_t> data(2 * k * size_of(type));
      Guarded<float> x(2 * k);
      const uint32_t nan = type == FloatType::kFloat32 ? 0x7fc00000 : 0x7fff;
      for (int64_t i = 0; i < k; ++i) {
        put(data.data(), i, encode(1.0f, type), type);
        put(data.data(), k + i, nan, type);
        x[i] = 1.0f;
        x[k + i] = std::numeric_limits<float>::quiet_NaN();
      }
      const DenseMatrix w{data.data(), type, 2, k, k, 1};
      for (Family family : kFamilies) {
        Scratch scratch(kernels(), k);
        float y[4];
        kernels().dense(w, x.data(), k, 2, 0, 2, y, 2, family, scratch.data());
        EXPECT_EQ(y[0], static_cast<float>(k)) << isa_name(GetParam()) << " " << type_name(type);
        EXPECT_TRUE(std::isnan(y[1]) && std::isnan(y[2]) && std::isnan(y[3]));
      }
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu
