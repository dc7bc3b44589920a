// Products of chosen matrices: against the definition in double, the bits of one matrix alone, and
// memory of matrices that nobody chose and nobody may touch.
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <sys/mman.h>

#include "mlxa/ops.h"

#include "array/backend.h"
#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "backend/fused_fixture.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

constexpr int kExperts = 5, kOut = 96, kIn = 256;

// Stacked matrices [experts, out, in] as a checkpoint stores them.
struct Stack {
  std::string format;  // a quantization mode, or "dense"
  std::vector<array> parts;

  Stack(const std::string& name, int bits_in, const array& dense)
      : format(name), parts({dense}), bits_(bits_in) {
    if (name == "affine") parts = quantize(dense, 64, bits_);
    if (name != "affine" && name != "dense") parts = quantize(dense, {}, {}, name);
    eval(parts);
  }

  array times(const array& x, const array& indices) const {
    if (format == "dense") return fast::gather_linear(x, parts[0], indices);
    return fast::gather_linear_q(x, parts[0], parts[1], biases(), indices, group(), bits(), mode());
  }
  // With matrix `e` alone.
  array times_one(const array& x, int e) const {
    const auto one = [&](const array& a) {
      return reshape(slice(a, {e, 0, 0}, {e + 1, a.shape(1), a.shape(2)}),
                     {a.shape(1), a.shape(2)});
    };
    if (format == "dense") return fast::linear(x, one(parts[0]));
    std::optional<array> bias_rows;
    if (biases()) bias_rows = one(*biases());
    return fast::linear_q(x, one(parts[0]), one(parts[1]), bias_rows, group(), bits(), mode());
  }
  // As float32 [experts, out, in].
  array dense() const {
    if (format == "dense") return astype(parts[0], float32);
    if (format == "affine") {
      return dequantize(parts[0], astype(parts[1], float32), astype(parts[2], float32), 64, bits_);
    }
    return dequantize(parts[0], parts[1], {}, {}, {}, format, {}, float32);
  }

 private:
  std::optional<array> biases() const {
    return format == "affine" ? std::optional(parts[2]) : std::nullopt;
  }
  QuantMode mode() const { return mode_named(format).value(); }
  int group() const { return format == "affine" ? 64 : default_group_size(mode()); }
  int bits() const { return format == "affine" ? bits_ : default_bits(mode()); }

  int bits_;
};

struct Format {
  const char* name;
  int bits;
  Dtype dtype;
};

class Experts : public testing::TestWithParam<Format> {
 protected:
  Stack stack() const {
    const Dtype dtype = GetParam().dtype;
    return {GetParam().name, GetParam().bits, random_array({kExperts, kOut, kIn}, dtype, 1, 0.1f)};
  }
};

INSTANTIATE_TEST_SUITE_P(All, Experts,
                         testing::Values(Format{"affine", 4, bfloat16},
                                         Format{"affine", 3, float16}, Format{"affine", 8, float32},
                                         Format{"mxfp4", 4, float32}, Format{"mxfp8", 8, float32},
                                         Format{"nvfp4", 4, float32}, Format{"dense", 0, float32},
                                         Format{"dense", 0, float16}, Format{"dense", 0, bfloat16}),
                         [](const auto& info) {
                           return std::string(info.param.name) + std::to_string(info.param.bits) +
                                  std::string(dtype_name(info.param.dtype));
                         });

// Experts of `tokens` tokens, two each; most choose matrix 3, none matrix 1.
array chosen_by(int tokens) {
  std::vector<uint32_t> out;
  for (int t = 0; t < tokens; t++) {
    out.push_back(t % 7 == 0 ? 4 : 3);
    out.push_back(t % 3 == 0 ? 2 : 0);
  }
  return array(out.data(), {tokens, 2}, uint32);
}

// Of x [tokens, 1, 1, in] with the matrices that `indices` [tokens, 2] name, in double.
std::vector<double> defined(const array& x, const array& weights, const array& indices) {
  const std::vector<double> xs = values(x), w = values(weights), chosen = values(indices);
  std::vector<double> out;
  for (size_t p = 0; p < chosen.size(); p++) {
    const double* row = xs.data() + p / 2 * kIn;
    const double* matrix = w.data() + static_cast<size_t>(chosen[p]) * kOut * kIn;
    for (int n = 0; n < kOut; n++) {
      double sum = 0;
      for (int k = 0; k < kIn; k++) sum += row[k] * matrix[n * kIn + k];
      out.push_back(sum);
    }
  }
  return out;
}

TEST_P(Experts, ProductsAreTheDefinitions) {
  const Stack weights = stack();
  for (int tokens : {1, 6, 40}) {
    const array x = random_array({tokens, 1, 1, kIn}, float32, 2), indices = chosen_by(tokens);
    const std::vector<double> want = defined(x, weights.dense(), indices);
    for (Phase phase : {Phase::kAuto, Phase::kDecode, Phase::kPrefill}) {
      SCOPED_TRACE(testing::Message() << tokens << " tokens, phase " << int(phase));
      const ComputeScope scope({Precision::kExact, phase});
      const array out = weights.times(x, indices);
      ASSERT_EQ(out.shape(), (Shape{tokens, 2, 1, kOut}));
      expect_near(plain(out)[0], want, product_tolerance(float32, kIn), 2);
      // An engine's exact products with affine 16-bit scales keep 16 bits of the activations.
      const bool parts = GetParam().name == std::string("affine") && GetParam().dtype != float32 &&
                         phase != Phase::kAuto;
      expect_near(out, want, parts ? 1e-4 : product_tolerance(float32, kIn), 2);
    }
  }
}

TEST_P(Experts, FastIsWithinTheInt8Bound) {
  const Stack weights = stack();
  const array x = random_array({20, 1, 1, kIn}, float32, 2), indices = chosen_by(20);
  const std::vector<double> want = defined(x, weights.dense(), indices);
  for (Phase phase : {Phase::kDecode, Phase::kPrefill}) {
    const ComputeScope scope({Precision::kFast, phase});
    expect_rounded_within(values(weights.times(x, indices)), want, 1e-2);
  }
}

// More rows than a pass takes, of one matrix too; every number of threads.
TEST_P(Experts, BitsAreThoseOfOneMatrixAndOneRow) {
  const Stack weights = stack();
  constexpr int kTokens = 700;
  const array x = random_array({kTokens, 1, 1, kIn}, float32, 2), indices = chosen_by(kTokens);
  const std::vector<double> experts = values(indices);
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    for (Phase phase : {Phase::kDecode, Phase::kPrefill}) {
      const ComputeScope scope({precision, phase});
      pool.set_threads(1);
      const std::vector<double> all = values(weights.times(x, indices));
      pool.set_threads(4);
      ASSERT_EQ(values(weights.times(x, indices)), all);
      for (int t : {0, 1, 2, 100, 511, 512, 513, 699}) {
        const array row = reshape(slice(x, {t, 0, 0, 0}, {t + 1, 1, 1, kIn}), {1, kIn});
        for (int i = 0; i < 2; i++) {
          const int e = static_cast<int>(experts[size_t(t) * 2 + i]);
          const std::vector<double> one = values(weights.times_one(row, e));
          for (int n = 0; n < kOut; n++) {
            ASSERT_EQ(one[n], all[(size_t(t) * 2 + i) * kOut + n]) << t << " " << i << " " << n;
          }
        }
      }
    }
  }
  pool.set_threads(before);
}

TEST_P(Experts, IndicesAreChecked) {
  const Stack weights = stack();
  const array x = random_array({1, 1, 1, kIn}, float32, 2);
  EXPECT_THROW(weights.times(x, array({kExperts}, {1, 1}, int32)).eval(), std::out_of_range);
  EXPECT_THROW(weights.times(x, array({0.0f}, {1, 1}, float32)), std::invalid_argument);
  EXPECT_THROW(weights.times(random_array({1, 1, kIn / 2}, float32, 2), array({0}, {1}, int32)),
               std::invalid_argument);
}

// Whole pages, of which those between the chosen matrices cannot be read.
class GuardedStack {
 public:
  explicit GuardedStack(const array& from) : bytes_(from.nbytes()) {
    from.eval();
    data_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(data_, MAP_FAILED);
    std::memcpy(data_, from.data<std::byte>(), bytes_);
  }
  ~GuardedStack() { ::munmap(data_, bytes_); }
  GuardedStack(const GuardedStack&) = delete;

  array view(const array& like) const {
    return array(data_, like.shape(), like.dtype(), [](void*) {});
  }
  void protect(int matrix, int matrices) {
    const size_t each = bytes_ / static_cast<size_t>(matrices);
    ASSERT_EQ(each % 4096, 0u);
    ASSERT_EQ(::mprotect(static_cast<std::byte*>(data_) + each * size_t(matrix), each, PROT_NONE),
              0);
  }

 private:
  void* data_;
  size_t bytes_;
};

TEST(ExpertMemory, UnchosenMatricesAreNotTouched) {
  set_default_device(Device::cpu);  // a device with its own memory copies whole arrays
  constexpr int kMatrices = 6, kRows = 256, kColumns = 512;
  const array dense = random_array({kMatrices, kRows, kColumns}, bfloat16, 1, 0.1f);
  const std::vector<array> q = quantize(dense, 64, 4);
  GuardedStack w(q[0]), scales(q[1]), biases(q[2]), plain_weights(dense);
  for (int matrix : {0, 2, 3, 5}) {  // 1 and 4 stay
    for (GuardedStack* stack : {&w, &scales, &biases, &plain_weights}) {
      stack->protect(matrix, kMatrices);
    }
  }
  const array indices({4, 1, 1, 4, 4, 1}, {3, 2}, int32);
  const array x = random_array({3, 1, 1, kColumns}, float32, 2);
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    for (Phase phase : {Phase::kDecode, Phase::kPrefill}) {
      const ComputeScope scope({precision, phase});
      const uint64_t before = chosen_bytes();
      const array got = fast::gather_linear_q(x, w.view(q[0]), scales.view(q[1]), biases.view(q[2]),
                                              indices, 64, 4);
      const array want = fast::gather_linear_q(x, q[0], q[1], q[2], indices, 64, 4);
      expect_same_bits(got, want);
      // Two products of two matrices each: 4 bits a value, a scale and a bias for 64 of them.
      EXPECT_EQ(chosen_bytes() - before, 2 * 2 * kRows * (kColumns / 2 + kColumns / 64 * 4));
      expect_same_bits(fast::gather_linear(x, plain_weights.view(dense), indices),
                       fast::gather_linear(x, dense, indices));
    }
  }
}

}  // namespace
}  // namespace mlxa::test
