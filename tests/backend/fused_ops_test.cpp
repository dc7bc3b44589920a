// Fused operations against their definitions in double precision and against their plain-op forms.
#include <algorithm>
#include <bit>
#include <limits>

#include "mlxa/fast.h"
#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "array/fast/fallbacks.h"
#include "backend/attention_reference.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

double rounded(double x, Dtype dtype) {
  if (dtype == float16) return float(float16_t(float(x)));
  if (dtype == bfloat16) return float(bfloat16_t(float(x)));
  return x;
}

// The kernel's result, the definition's and the plain ops'.
void expect_all_near(const array& out, const std::vector<double>& want, double tolerance,
                     double scale = 1) {
  expect_near(plain(out)[0], want, 2 * tolerance, scale);
  expect_near(out, want, tolerance, scale);
}

// Strided forms of one array: itself, every second row of a larger one, a transposed one.
std::vector<array> layouts(const array& x) {
  const array doubled = concatenate({expand_dims(x, -2), expand_dims(x, -2)}, -2);
  const array turned = contiguous(swapaxes(x, -1, -2));
  return {x,
          squeeze(slice(doubled, Shape(doubled.ndim(), 0),
                        [&] {
                          Shape stop = doubled.shape();
                          stop[stop.size() - 2] = 1;
                          return stop;
                        }()),
                  -2),
          swapaxes(turned, -1, -2)};
}

TEST(RMSNorm, MatchesTheDefinition) {
  for (Dtype dtype : kFloats) {
    for (int width : {1, 7, 64, 100, 576, 2049}) {
      SCOPED_TRACE(testing::Message() << dtype_name(dtype) << " " << width);
      const array x = random_array({3, 5, width}, dtype, 1, 3), w = random_array({width}, dtype, 2);
      const std::vector<double> xs = values(x), ws = values(w);
      std::vector<double> want(xs.size()), bare(xs.size());
      for (size_t r = 0; r < 15; r++) {
        double power = 0;
        for (int i = 0; i < width; i++) power += xs[r * width + i] * xs[r * width + i];
        const double factor = 1 / std::sqrt(power / width + 1e-5);
        for (int i = 0; i < width; i++) {
          bare[r * width + i] = xs[r * width + i] * factor;
          want[r * width + i] = rounded(bare[r * width + i], dtype) * ws[i];
        }
      }
      for (const array& form : layouts(x)) {
        expect_all_near(fast::rms_norm(form, w, 1e-5f), want, 2 * tolerance(dtype));
      }
      expect_all_near(fast::rms_norm(x, std::nullopt, 1e-5f), bare, tolerance(dtype));
    }
  }
  EXPECT_THROW(fast::rms_norm(array({1.f, 2.f}), array({1.f}), 1e-5f), std::invalid_argument);
}

TEST(AddRMSNorm, IsTheSumAndItsNorm) {
  for (Dtype dtype : kFloats) {
    const array x = random_array({4, 130}, dtype, 1), r = random_array({4, 130}, dtype, 2);
    const array w = random_array({130}, dtype, 3);
    const auto [sum, norm] = fast::add_rms_norm(x, r, w, 1e-6f);
    const std::vector<array> other = plain(sum);
    expect_same_bits(sum, add(x, r));
    expect_same_bits(norm, fast::rms_norm(add(x, r), w, 1e-6f));
    expect_near(other[1], values(norm), 2 * tolerance(dtype));
  }
}

TEST(LayerNorm, MatchesTheDefinition) {
  for (Dtype dtype : kFloats) {
    for (int width : {3, 64, 333}) {
      const array x = add(random_array({6, width}, dtype, 1), array(2.0f, dtype));
      const array w = random_array({width}, dtype, 2), b = random_array({width}, dtype, 3);
      const std::vector<double> xs = values(x), ws = values(w), bs = values(b);
      std::vector<double> want(xs.size());
      for (int r = 0; r < 6; r++) {
        double mean = 0, variance = 0;
        for (int i = 0; i < width; i++) mean += xs[r * width + i] / width;
        for (int i = 0; i < width; i++) variance += std::pow(xs[r * width + i] - mean, 2) / width;
        for (int i = 0; i < width; i++) {
          want[r * width + i] =
              (xs[r * width + i] - mean) / std::sqrt(variance + 1e-5) * ws[i] + bs[i];
        }
      }
      for (const array& form : layouts(x)) {
        expect_all_near(fast::layer_norm(form, w, b, 1e-5f), want, 2 * tolerance(dtype));
      }
    }
  }
}

TEST(RoPE, MatchesTheDefinition) {
  const std::vector<int32_t> starts{3, 1000};
  const array offsets(starts.begin(), {2}, int32);
  for (Dtype dtype : kFloats) {
    for (bool traditional : {false, true}) {
      for (bool periods : {false, true}) {
        for (int dims : {6, 64, 96}) {
          const int width = 96, half = dims / 2;
          const array x = random_array({2, 3, 4, width}, dtype, 1);
          array freqs = add(abs(random_array({half}, float32, 2, 50)), array(1.0f));
          const std::vector<double> xs = values(x), fs = values(freqs);
          std::vector<double> want = xs;
          for (size_t r = 0; r < 24; r++) {
            const double position = 0.5 * (starts[r / 12] + double(r % 4));
            for (int i = 0; i < half; i++) {
              const double angle =
                  position * (periods ? 1 / fs[i] : std::pow(10000.0, -2.0 * i / dims));
              const size_t a = r * width + (traditional ? 2 * i : i);
              const size_t b = traditional ? a + 1 : a + half;
              want[a] = xs[a] * std::cos(angle) - xs[b] * std::sin(angle);
              want[b] = xs[a] * std::sin(angle) + xs[b] * std::cos(angle);
            }
          }
          const array out =
              fast::rope(x, dims, traditional, periods ? std::nullopt : std::optional(10000.0f),
                         0.5f, offsets, periods ? std::optional(freqs) : std::nullopt);
          // The plain form's angles are float32: 1e-4 of a radian at position 500.
          expect_near(plain(out)[0], want, tolerance(dtype) + 2e-4);
          expect_near(out, want, tolerance(dtype));
        }
      }
    }
  }
}

TEST(RoPE, ReadsStridedInputAndIntegerOffsets) {
  const array x = random_array({2, 5, 3, 32}, float32, 1);
  const array turned = swapaxes(x, 1, 2);
  expect_same_bits(fast::rope(turned, 32, false, 1e4f, 1.0f, 7),
                   fast::rope(contiguous(turned), 32, false, 1e4f, 1.0f, array(7, int32)));
  EXPECT_THROW(fast::rope(x, 31, false, 1e4f, 1.0f, 0), std::invalid_argument);
  EXPECT_THROW(fast::rope(x, 32, false, std::nullopt, 1.0f, 0), std::invalid_argument);
}

TEST(SwiGLU, MatchesTheDefinition) {
  for (Dtype dtype : kFloats) {
    const array g = random_array({3, 77}, dtype, 1, 4), u = random_array({3, 77}, dtype, 2);
    const std::vector<double> gs = values(g), us = values(u);
    std::vector<double> want(gs.size());
    for (size_t i = 0; i < want.size(); i++) want[i] = gs[i] / (1 + std::exp(-gs[i])) * us[i];
    for (const array& form : layouts(g)) {
      expect_all_near(fast::swiglu(form, u), want, tolerance(dtype), 0.1);
    }
  }
  const array extreme({-1e30f, -200.0f, 200.0f, 0.0f});
  expect_near(fast::swiglu(extreme, array({1.f, 1.f, 1.f, 1.f})), {0, 0, 200, 0}, 1e-6);
}

// Entry (i, j) of the 2^k matrix is -1 to the number of bits that i and j share; the others are
// told by their orthogonality here and by MLX's values in tests/golden.
TEST(Hadamard, MatchesTheDefinition) {
  for (Dtype dtype : kFloats) {
    for (int length : {2, 4, 64, 512}) {
      SCOPED_TRACE(testing::Message() << dtype_name(dtype) << " " << length);
      const array x = random_array({2, 3, length}, dtype, 1);
      const std::vector<double> xs = values(x);
      std::vector<double> want(xs.size());
      for (size_t at = 0; at < want.size(); at++) {
        const size_t row = at / length * length;
        for (int j = 0; j < length; j++) {
          const bool minus = std::popcount(static_cast<unsigned>(at - row) & unsigned(j)) % 2;
          want[at] += (minus ? -0.5 : 0.5) * xs[row + j];
        }
      }
      for (const array& form : layouts(x)) {
        expect_all_near(hadamard_transform(form, 0.5f), want, tolerance(dtype), 4);
      }
    }
  }
}

TEST(Hadamard, MixedOrdersAreOrthogonalAndEqualTheirPlainForm) {
  for (int length : {12, 20, 28, 24, 80, 28 * 128}) {
    SCOPED_TRACE(length);
    const array x = random_array({5, length}, float32, 1);
    const array y = hadamard_transform(x);
    const array other = plain(y)[0];
    expect_near(other, values(y), 2e-6);
    const std::vector<double> xs = values(matmul(x, transpose(x)));
    expect_near(matmul(y, transpose(y)), xs, 1e-5, std::sqrt(length));
    for (const array& form : layouts(x)) expect_same_bits(hadamard_transform(form), y);
  }
}

TEST(Hadamard, ChecksItsArguments) {
  for (int length : {3, 6, 108, 144, 400}) {
    EXPECT_THROW(hadamard_transform(zeros({2, length})), std::invalid_argument) << length;
  }
  EXPECT_THROW(hadamard_transform(zeros({0, 4})), std::invalid_argument);
}

struct DenseCase {
  const char* name;
  int causal;
  bool mask, sinks;
};

TEST(DenseAttention, MatchesTheDefinition) {
  const DenseCase cases[] = {
      {"", 0, false, false}, {"causal", 1, false, true}, {"", 0, true, false}, {"", 0, true, true}};
  for (Dtype dtype : kFloats) {
    for (const DenseCase& c : cases) {
      const int heads = 6, kv_heads = 2, length = 21, keys = 70, dim = 40, value_dim = 24;
      // As models have it: heads and positions turned.
      const array q = swapaxes(random_array({2, length, heads, dim}, dtype, 1), 1, 2);
      const array k = swapaxes(random_array({2, keys, kv_heads, dim}, dtype, 2), 1, 2);
      const array v = swapaxes(random_array({2, keys, kv_heads, value_dim}, dtype, 3), 1, 2);
      const array mask = random_array({2, 1, length, keys}, float32, 4);
      const array sinks = random_array({heads}, float32, 5);
      ReferenceAttention want{2, heads, kv_heads, length, dim, value_dim, 0.25};
      want.causal = c.causal;
      want.offset = [&](int) { return keys - length; };
      want.keys = [&](int) { return keys; };
      want.q = reader(q);
      want.k = reader(k);
      want.v = reader(v);
      if (c.mask) {
        want.mask = [m = reader(mask)](int b, int, int i, int t) { return m(b, 0, i, t); };
      }
      if (c.sinks) want.sink = [s = values(sinks)](int h) { return s[h]; };
      const array out = fast::scaled_dot_product_attention(
          q, k, v, 0.25f, c.name, c.mask ? std::optional(mask) : std::nullopt,
          c.sinks ? std::optional(sinks) : std::nullopt);
      expect_all_near(out, want.run(), 2 * tolerance(dtype));
    }
  }
}

TEST(DenseAttention, RowsThatSeeNothingAreZero) {
  const array q = random_array({1, 2, 5, 16}, float32, 1),
              k = random_array({1, 2, 2, 16}, float32, 2);
  const std::vector<double> out =
      values(fast::scaled_dot_product_attention(q, k, k, 1.0f, "causal"));
  for (int i = 0; i < 3 * 16; i++) EXPECT_EQ(out[i], 0);  // queries before the first key
  EXPECT_NE(out[3 * 16], 0);
}

TEST(DenseAttention, ChecksItsArguments) {
  const array q = random_array({1, 3, 5, 16}, float32, 1),
              k = random_array({1, 2, 5, 16}, float32, 2);
  EXPECT_THROW(fast::scaled_dot_product_attention(q, k, k, 1.0f), std::invalid_argument);
  EXPECT_THROW(fast::scaled_dot_product_attention(k, k, k, 1.0f, "other"), std::invalid_argument);
  EXPECT_THROW(fast::scaled_dot_product_attention(k, k, k, 1.0f, "", array({1.f, 2.f})),
               std::invalid_argument);
}

TEST(PagedFallback, IsTheKernelInPlainOps) {
  const array keys = random_array({7, 2, 8, 32}, float32, 1);
  const array vals = random_array({7, 2, 8, 32}, float32, 2);
  const array q = random_array({2, 4, 3, 32}, float32, 3);
  const array table({6, 0, 3, 2, 5, 1}, {2, 3}, int32), offsets({4, 17}, {2}, int32);
  for (int window : {0, 6}) {
    const array out =
        fast::paged_attention(q, keys, vals, table, offsets, {0.2f, true, window, false, false});
    const array other = plain(out)[0];
    expect_near(other, values(out), 4e-6);
  }
}

}  // namespace
}  // namespace mlxa::test
