#include <utility>

#include "measure/probes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace mlxa::measure {
namespace {

// Chains of multiply-adds that do not wait for each other: two a cycle of four to six cycles each.
// In AVX2's 16 registers their sums leave room for the operands.
constexpr int kChains = 12;

#if defined(__x86_64__)

// In assembler, since compilers copy sums from register to register in such loops: that the copies
// of 12 sums take slots of the pipeline would make the peak too low.
#define MLXA_TWELVE(one)                                                                    \
  one("0") one("1") one("2") one("3") one("4") one("5") one("6") one("7") one("8") one("9") \
      one("10") one("11")
#define MLXA_SUMS(constraint)                                                                   \
  constraint(s[0]), constraint(s[1]), constraint(s[2]), constraint(s[3]), constraint(s[4]),     \
      constraint(s[5]), constraint(s[6]), constraint(s[7]), constraint(s[8]), constraint(s[9]), \
      constraint(s[10]), constraint(s[11])

#define MLXA_VNNI(sum) "vpdpbusd %[b], %[a], %" sum "\n\t"
#define MLXA_BF16(sum) "vdpbf16ps %[b], %[a], %" sum "\n\t"
#define MLXA_FMA(sum) "vfmadd231ps %[b], %[a], %" sum "\n\t"
// Products of bytes, widened to int32 at once: 16-bit sums would overflow.
#define MLXA_MADD(sum)                                                                          \
  "vpmaddubsw %[b], %[a], %[t]\n\tvpmaddwd %[ones], %[t], %[t]\n\tvpaddd %[t], %" sum ", %" sum \
  "\n\t"

__attribute__((target("avx512f,avx512vnni"))) void int8_avx512(int64_t steps) {
  __m512i s[kChains] = {}, a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
  for (int64_t i = 0; i < steps; i++) {
    __asm__ volatile(MLXA_TWELVE(MLXA_VNNI) : MLXA_SUMS("+v") : [a] "v"(a), [b] "v"(b));
  }
}

__attribute__((target("avx512f,avx512bf16"))) void bfloat16_avx512(int64_t steps) {
  __m512 s[kChains] = {};
  const __m512i a = _mm512_set1_epi32(0x3f803f80), b = a;  // ones
  for (int64_t i = 0; i < steps; i++) {
    __asm__ volatile(MLXA_TWELVE(MLXA_BF16) : MLXA_SUMS("+v") : [a] "v"(a), [b] "v"(b));
  }
}

__attribute__((target("avx512f"))) void float32_avx512(int64_t steps) {
  __m512 s[kChains] = {}, a = _mm512_set1_ps(1.0f), b = _mm512_set1_ps(0.5f);
  for (int64_t i = 0; i < steps; i++) {
    __asm__ volatile(MLXA_TWELVE(MLXA_FMA) : MLXA_SUMS("+v") : [a] "v"(a), [b] "v"(b));
  }
}

__attribute__((target("avx2"))) void int8_avx2(int64_t steps) {
  __m256i s[kChains] = {}, a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5), t;
  const __m256i ones = _mm256_set1_epi16(1);
  for (int64_t i = 0; i < steps; i++) {
    __asm__ volatile(MLXA_TWELVE(MLXA_MADD)
                     : MLXA_SUMS("+x"), [t] "=&x"(t)
                     : [a] "x"(a), [b] "x"(b), [ones] "x"(ones));
  }
}

__attribute__((target("avx2,fma"))) void float32_avx2(int64_t steps) {
  __m256 s[kChains] = {}, a = _mm256_set1_ps(1.0f), b = _mm256_set1_ps(0.5f);
  for (int64_t i = 0; i < steps; i++) {
    __asm__ volatile(MLXA_TWELVE(MLXA_FMA) : MLXA_SUMS("+x") : [a] "x"(a), [b] "x"(b));
  }
}

// What any x86-64 has: products of 16-bit integers, summed up in pairs.
void integer_baseline(__m128i& a, const __m128i& b, __m128i& sum) {
  __asm__ volatile("" : "+x"(a));
  sum = _mm_add_epi32(sum, _mm_madd_epi16(a, b));
}
using Ints = __m128i;
constexpr int kIntegers = 8;
#define MLXA_REGISTER "+x"

#else

using Ints = int32_t __attribute__((vector_size(16)));
constexpr int kIntegers = 4;
#if defined(__aarch64__)
#define MLXA_REGISTER "+w"
#else
#define MLXA_REGISTER "+m"
#endif
void integer_baseline(Ints& a, const Ints& b, Ints& sum) {
  __asm__ volatile("" : MLXA_REGISTER(a));
  sum += a * b;
}

#endif

using Floats = float __attribute__((vector_size(16)));

void float_baseline(Floats& a, const Floats& b, Floats& sum) {
  __asm__ volatile("" : MLXA_REGISTER(a));
#if defined(__aarch64__)
  sum = vfmaq_f32(sum, a, b);
#else
  sum += a * b;
#endif
}

// Without special instructions: the compiler's, where no two products may look alike to it.
template <class Vector, void (*add_product)(Vector&, const Vector&, Vector&)>
void baseline(int64_t steps) {
  Vector s[kChains] = {}, a = {}, b = {};
  __asm__ volatile("" : MLXA_REGISTER(b));
  const auto step = [&]<size_t... I>(std::index_sequence<I...>) { (add_product(a, b, s[I]), ...); };
  for (int64_t i = 0; i < steps; i++) step(std::make_index_sequence<kChains>{});
  for (Vector& sum : s) __asm__ volatile("" : MLXA_REGISTER(sum));
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
  if (isa == Isa::kAvx512 || isa == Isa::kAmx) {
    if (arithmetic == Arithmetic::kBFloat16) return kBFloat16;
    return integer ? kVnni : kWideFloat;
  }
  if (isa == Isa::kAvx2) return integer ? kInt8 : kFloat;
#endif
  (void)isa;
  static constexpr PeakLoop kPlainInt{"integers, baseline", baseline<Ints, integer_baseline>,
                                      kIntegers * kChains};
  static constexpr PeakLoop kPlainFloat{"float32, baseline", baseline<Floats, float_baseline>,
                                        4 * kChains};
  return integer ? kPlainInt : kPlainFloat;
}

}  // namespace mlxa::measure
