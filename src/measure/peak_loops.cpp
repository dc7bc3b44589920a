#include <cstring>

#include "measure/probes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mlxa::measure {
namespace {

// Chains of multiply-adds that do not wait for each other: two a cycle of four or five cycles each,
// and their sums fit the 16 registers of AVX2 together with the operands.
constexpr int kChains = 12;

// The compiler must neither move a product out of the loop, nor see that two chains are equal.
#define MLXA_OPAQUE(constraint, x) __asm__ volatile("" : constraint(x))

#if defined(__x86_64__)

__attribute__((target("avx512f,avx512vnni"))) void int8_avx512(int64_t steps) {
  __m512i sums[kChains] = {};
  for (__m512i& sum : sums) MLXA_OPAQUE("+v", sum);
  __m512i u = _mm512_set1_epi8(3), s = _mm512_set1_epi8(5);
  for (int64_t i = 0; i < steps; i++) {
    MLXA_OPAQUE("+v", u);
    for (__m512i& sum : sums) sum = _mm512_dpbusd_epi32(sum, u, s);
  }
  for (__m512i& sum : sums) MLXA_OPAQUE("+v", sum);
}

__attribute__((target("avx512f,avx512bf16"))) void bfloat16_avx512(int64_t steps) {
  __m512 sums[kChains] = {};
  for (__m512& sum : sums) MLXA_OPAQUE("+v", sum);
  __m512i ones = _mm512_set1_epi16(0x3f80);
  for (int64_t i = 0; i < steps; i++) {
    MLXA_OPAQUE("+v", ones);
    __m512bh operand;
    std::memcpy(&operand, &ones, sizeof operand);
    for (__m512& sum : sums) sum = _mm512_dpbf16_ps(sum, operand, operand);
  }
  for (__m512& sum : sums) MLXA_OPAQUE("+v", sum);
}

__attribute__((target("avx512f"))) void float32_avx512(int64_t steps) {
  __m512 sums[kChains] = {};
  for (__m512& sum : sums) MLXA_OPAQUE("+v", sum);
  __m512 a = _mm512_set1_ps(1.0f), b = _mm512_set1_ps(0.5f);
  for (int64_t i = 0; i < steps; i++) {
    MLXA_OPAQUE("+v", a);
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(a, b, sum);
  }
  for (__m512& sum : sums) MLXA_OPAQUE("+v", sum);
}

// Products of bytes, widened to int32 at once: 16-bit sums would overflow.
__attribute__((target("avx2"))) void int8_avx2(int64_t steps) {
  __m256i sums[kChains] = {};
  for (__m256i& sum : sums) MLXA_OPAQUE("+x", sum);
  __m256i u = _mm256_set1_epi8(3), s = _mm256_set1_epi8(5), ones = _mm256_set1_epi16(1);
  for (int64_t i = 0; i < steps; i++) {
    MLXA_OPAQUE("+x", u);
    for (__m256i& sum : sums) {
      __m256i product = _mm256_maddubs_epi16(u, s);
      MLXA_OPAQUE("+x", product);  // every chain has a product of its own
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(product, ones));
    }
  }
  for (__m256i& sum : sums) MLXA_OPAQUE("+x", sum);
}

__attribute__((target("avx2,fma"))) void float32_avx2(int64_t steps) {
  __m256 sums[kChains] = {};
  for (__m256& sum : sums) MLXA_OPAQUE("+x", sum);
  __m256 a = _mm256_set1_ps(1.0f), b = _mm256_set1_ps(0.5f);
  for (int64_t i = 0; i < steps; i++) {
    MLXA_OPAQUE("+x", a);
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(a, b, sum);
  }
  for (__m256& sum : sums) MLXA_OPAQUE("+x", sum);
}

#endif

// Plain C++, four lanes a chain; the machine's multiply-add where it has one.
template <class T>
void plain(int64_t steps) {
  constexpr int kLanes = 4;
  T sums[kChains][kLanes] = {}, a[kLanes] = {1, 1, 1, 1}, b[kLanes] = {3, 3, 3, 3};
  for (int64_t i = 0; i < steps; i++) {
    MLXA_OPAQUE("+m", a);
    for (auto& sum : sums) {
      for (int j = 0; j < kLanes; j++) sum[j] += a[j] * b[j];
    }
  }
  MLXA_OPAQUE("+m", sums);
}

}  // namespace

const PeakLoop& peak_loop(Isa isa, Arithmetic arithmetic) {
  const bool integer = arithmetic == Arithmetic::kInt8;
#if defined(__x86_64__)
  static constexpr PeakLoop kVnni{"int8 AVX-512 VNNI", int8_avx512, 64 * kChains};
  static constexpr PeakLoop kBFloat16{"bfloat16 AVX-512", bfloat16_avx512, 32 * kChains};
  static constexpr PeakLoop kWideFloat{"float32 AVX-512", float32_avx512, 16 * kChains};
  static constexpr PeakLoop kInt8{"int8 AVX2", int8_avx2, 32 * kChains};
  static constexpr PeakLoop kFloat{"float32 AVX2", float32_avx2, 8 * kChains};
  if (isa == Isa::kAvx512) {
    if (arithmetic == Arithmetic::kBFloat16) return kBFloat16;
    return integer ? kVnni : kWideFloat;
  }
  if (isa == Isa::kAvx2) return integer ? kInt8 : kFloat;
#endif
  (void)isa;
  static constexpr PeakLoop kPlainInt{"int32 plain C++", plain<int32_t>, 4 * kChains};
  static constexpr PeakLoop kPlainFloat{"float32 plain C++", plain<float>, 4 * kChains};
  return integer ? kPlainInt : kPlainFloat;
}

}  // namespace mlxa::measure
