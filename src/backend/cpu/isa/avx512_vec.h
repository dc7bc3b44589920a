// The vector operations that the shared kernels need, in AVX-512 F, BW, DQ, VL, VBMI, VBMI2 and
// VNNI, and GFNI. Internal linkage, as in avx2_vec.h.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/avx512_lanes.h"
#include "backend/cpu/isa/avx512_unpack.h"
#include "backend/cpu/isa/x86_quantize.h"
#include "backend/cpu/kernels/code_order.h"
#include "backend/cpu/kernels/float_codes.h"
#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {
namespace {

struct Avx512 : Avx512Lanes {
  static constexpr bool kAffine =
      true;  ///< What codes_to_float and unpack give; see float_formats.h
  static constexpr int kGroup = kActivationGroup;
  static constexpr bool kPicksFromTwo = true;
  static constexpr int kShift = 0;      ///< Of unpacked codes that a bias of scales takes away.
  static constexpr int kExtraBits = 0;  ///< Of an unpacked code, beyond those that are stored.
  using F = __m512;
  using I = __m512i;
  static constexpr int kFloats = 16;
  static constexpr int kLanes = 4;
  static constexpr int kUnit = 32 * kLanes;
  static constexpr int64_t kDecodeCache = 24 << 10;
  static constexpr int kHeldRows = 16;
  // Eight chains of dots keep both ports busy; of more, registers would not hold the sums.
  static constexpr int rows_at_once(int held) { return held <= 8 ? held : 4; }
  static constexpr int kExactRows = 6;
  static constexpr int kFloatTileRows = 12;
  static constexpr int kFloatPanel = 256;
  static constexpr int64_t kFloatBlock = 512;
  static constexpr int kMostBytesPerCode = 1;
  static constexpr size_t kTileRowBytes = 22528;
  static constexpr int kCodePanel = 128;
  static constexpr int64_t kCodeBlock = 2048;
  static constexpr bool kCentred8 = false;  // VNNI takes 8-bit codes as they are

  static void quantize_row(const float* x, int64_t k, int bits, int unit, const Int8Rows& out,
                           int64_t m, int part) {
    const int64_t groups = k / kActivationGroup, whole = groups / 4 * 4;
    const auto& order = bits == 4 ? kUnitOrder<4> : bits == 2 ? kUnitOrder<2> : kUnitOrder<8>;
    for (int64_t g = 0; g < whole; g += 4) {
      const int64_t at = m * groups + g;
      round_unit(x + g * kActivationGroup, part, order, unit == kUnit,
                 out.q + m * k + g * kActivationGroup, out.scales + at, out.sums + at);
    }
    round_row(x, k, bits, unit, out, m, part, whole);
  }

  // Part `part` of four groups at once.
  static void round_unit(const float* x, int part, const UnitOrder& order, bool by_vector,
                         int8_t* q, float* scales, float* sums) {
    F values[8];
    I largest[4];
    const I magnitude = _mm512_set1_epi32(0x7fffffff);
#pragma GCC unroll 4
    for (int g = 0; g < 4; ++g) {
      values[2 * g] = load(x + 32 * g);
      values[2 * g + 1] = load(x + 32 * g + 16);
      largest[g] = _mm512_max_epi32(  // of bits, where NaN is larger than every number
          _mm512_and_si512(_mm512_castps_si512(values[2 * g]), magnitude),
          _mm512_and_si512(_mm512_castps_si512(values[2 * g + 1]), magnitude));
    }
    auto larger = [](I a, I b) {
      return _mm512_max_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    };
    const I even = larger(largest[0], largest[1]), odd = larger(largest[2], largest[3]);
    I all = _mm512_max_epi32(_mm512_unpacklo_epi64(even, odd), _mm512_unpackhi_epi64(even, odd));
    all = _mm512_max_epi32(all, _mm512_shuffle_i32x4(all, all, 0x4e));
    all = _mm512_max_epi32(all, _mm512_shuffle_i32x4(all, all, 0xb1));
    __m128 scale, inverse;
    short_scales(_mm_castsi128_ps(_mm512_castsi512_si128(all)), scale, inverse);
    if (part == 1) scale = _mm_mul_ps(scale, _mm_set1_ps(1.0f / kPartRatio));
    _mm_storeu_ps(scales, scale);
    round_values(values, inverse, part);
    const I q0 = pack_bytes(values), q1 = pack_bytes(values + 4);
    _mm_storeu_ps(sums, _mm_mul_ps(scale, _mm_cvtepi32_ps(sum_groups(q0, q1))));
    const I in_lane =
        _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(order.in_lane)));
    const I low = _mm512_shuffle_epi8(q0, in_lane), high = _mm512_shuffle_epi8(q1, in_lane);
    const auto& places = by_vector ? order.by_vector : order.by_group;
    _mm512_storeu_si512(q, _mm512_permutex2var_epi32(low, load_bytes(places[0]), high));
    _mm512_storeu_si512(q + 64, _mm512_permutex2var_epi32(low, load_bytes(places[1]), high));
  }

  // Group g's two vectors times inverse[g], or what rounding that leaves over, as integers within
  // -127 to 127; NaN gives -127.
  static void round_values(F (&values)[8], __m128 inverse, int part) {
    const F bound = set1(127.0f), least = set1(-127.0f), factors = _mm512_broadcast_f32x4(inverse);
#pragma GCC unroll 4
    for (int g = 0; g < 4; ++g) {
      const F factor = _mm512_permutexvar_ps(_mm512_set1_epi32(g), factors);
#pragma GCC unroll 2
      for (int i = 2 * g; i < 2 * g + 2; ++i) {
        F ratio = _mm512_min_ps(_mm512_max_ps(_mm512_mul_ps(values[i], factor), least), bound);
        if (part == 1) {
          const F coarse = _mm512_roundscale_ps(ratio, _MM_FROUND_TO_NEAREST_INT);
          ratio = _mm512_mul_ps(_mm512_sub_ps(ratio, coarse), set1(kPartRatio));
          ratio = _mm512_min_ps(_mm512_max_ps(ratio, least), bound);
        }
        values[i] = _mm512_castsi512_ps(_mm512_cvtps_epi32(ratio));
      }
    }
  }

  // 64 integers to bytes, in their order.
  static I pack_bytes(const F* integers) {
    I v[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) v[i] = _mm512_castps_si512(integers[i]);
    const I mixed =
        _mm512_packs_epi16(_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3]));
    return _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), mixed);
  }

  // Sums of four groups of 32 bytes.
  static __m128i sum_groups(I q0, I q1) {
    const I ones = _mm512_set1_epi8(1), none = no_bytes();
    const I s0 = _mm512_dpbusd_epi32(none, ones, q0), s1 = _mm512_dpbusd_epi32(none, ones, q1);
    I both = _mm512_add_epi32(_mm512_unpacklo_epi32(s0, s1), _mm512_unpackhi_epi32(s0, s1));
    both = _mm512_add_epi32(both, _mm512_shuffle_epi32(both, _MM_PERM_BADC));
    both = _mm512_add_epi32(both, _mm512_shuffle_i32x4(both, both, 0xb1));
    // Lanes 0 and 2 now begin with the sums of groups 0 and 2, 1 and 3.
    return _mm_unpacklo_epi32(_mm512_castsi512_si128(both), _mm512_extracti32x4_epi32(both, 2));
  }
  /// 4-bit codes in groups of 16.
  static void quantize_row_by_16(const float* x, int64_t k, int unit, const Int8Rows& out,
                                 int64_t m, int part) {
    round_row_by_16(x, k, unit, out, m, part);
  }

  static F zero() { return _mm512_setzero_ps(); }
  static F set1(float x) { return _mm512_set1_ps(x); }
  static F load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, F x) { _mm512_storeu_ps(p, x); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F to_float(I x) { return _mm512_cvtepi32_ps(x); }
  static I load_bytes(const void* p) { return _mm512_loadu_si512(p); }
  static I no_bytes() { return _mm512_setzero_si512(); }
  static float sum(F x) { return _mm512_reduce_add_ps(x); }

  static __mmask16 first(int count) {
    if (count >= 16) return 0xffff;
    return count <= 0 ? __mmask16{0} : static_cast<__mmask16>((1u << count) - 1);
  }
  static F load_first(const float* p, int count) { return _mm512_maskz_loadu_ps(first(count), p); }
  static void store_first(float* p, F x, int count) { _mm512_mask_storeu_ps(p, first(count), x); }

  static F widen(const void* p, FloatType type) {
    if (type == FloatType::kFloat32) return load(static_cast<const float*>(p));
    const __m256i raw = _mm256_loadu_si256(static_cast<const __m256i*>(p));
    if (type == FloatType::kFloat16) return _mm512_cvtph_ps(raw);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(raw), 16));
  }
  static float widen_half(uint16_t raw) { return _cvtsh_ss(raw); }
  static void widen_pairs(I pairs, F& first, F& second) {
    first = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
    second = _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(~0xffff)));
  }
  static void split_pairs(F& a, F& b) {
    const I even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const I odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    const F first = _mm512_permutex2var_ps(a, even, b);
    b = _mm512_permutex2var_ps(a, odd, b);
    a = first;
  }

  static F keep_first(F x, int count) { return _mm512_maskz_mov_ps(first(count), x); }
  static F permute(F x, I places) { return _mm512_permutexvar_ps(places, x); }
  static F as_floats(I x) { return _mm512_castsi512_ps(x); }
  static void store_bytes(void* p, I x) { _mm512_storeu_si512(p, x); }
  static I low32(I a, I b) { return _mm512_unpacklo_epi32(a, b); }
  static I high32(I a, I b) { return _mm512_unpackhi_epi32(a, b); }
  static I low64(I a, I b) { return _mm512_unpacklo_epi64(a, b); }
  static I high64(I a, I b) { return _mm512_unpackhi_epi64(a, b); }

  // A permutation of bytes looks at six bits of an index, of which the table repeats every four.
  [[gnu::always_inline]] static inline void look_up_halves(const void* table, I both, I& low,
                                                           I& high) {
    const __m128i row = _mm_load_si128(static_cast<const __m128i*>(table));
    const I values = _mm512_broadcast_i32x4(row);
    low = _mm512_permutexvar_epi8(both, values);
    high = _mm512_permutexvar_epi8(_mm512_srli_epi16(both, 4), values);
  }

  /// 32-bit parts of a and b, counted from a's first.
  static I pick_from_two(I a, I b, I places) { return _mm512_permutex2var_epi32(a, places, b); }

  template <int kBits>
  [[gnu::always_inline]] static inline void unpack_shifted(const uint8_t* p, I& u0, I& u1) {
    using Tables = ShiftTables<kBits>;
    constexpr const Tables& kTables = kShiftTables<kBits>;
    constexpr __mmask64 kUnit = Tables::kOneLoad ? (uint64_t{1} << Tables::kUnitBytes % 64) - 1 : 0;
    constexpr __mmask64 kLastLanes = 0xffffffff00000000;
    const I first = Tables::kOneLoad ? _mm512_maskz_loadu_epi8(kUnit, p) : load_bytes(p);
    const I from0 = load_bytes(kTables.from[0]), from1 = load_bytes(kTables.from[1]);
    u0 = _mm512_permutexvar_epi8(from0, first);
    u1 = _mm512_permutexvar_epi8(from1, first);
    if constexpr (!Tables::kOneLoad) {
      const I second = load_bytes(p + Tables::kSecondLoad);
      u0 = _mm512_mask_permutexvar_epi8(u0, kLastLanes, from0, second);
      u1 = _mm512_mask_permutexvar_epi8(u1, kLastLanes, from1, second);
    }
    const I bit = load_bytes(kTables.bit), mask = _mm512_set1_epi8((1 << kBits) - 1);
    u0 = _mm512_and_si512(_mm512_multishift_epi64_epi8(bit, u0), mask);
    u1 = _mm512_and_si512(_mm512_multishift_epi64_epi8(bit, u1), mask);
  }

  [[gnu::always_inline]] static inline void split(I both, I& u0, I& u1) {
    u0 = _mm512_and_si512(both, _mm512_set1_epi8(15));
    u1 = take_bits<4, 4>(both);
  }

  /// Whether a block of 16 groups of 32 codes has an unpacking of its own.
  static constexpr bool unpacks_blocks(int bits) {
    return bits == 2 || bits == 3 || bits == 5 || bits == 6;
  }
  template <int kBits>
  [[gnu::always_inline]] static inline void unpack_block(const uint8_t* p, I (&u)[8]) {
    if constexpr (kBits == 2) {
      unpack_2_bits(p, u);
    } else if constexpr (kBits == 3) {
      unpack_3_bits(p, u);
    } else {
      unpack_eights<kBits>(p, u);
    }
  }

  template <int kBits>
  [[gnu::always_inline]] static inline void unpack(const uint8_t* p, I& u0, I& u1) {
    if constexpr (kBits == 2) {
      const __m256i packed = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
      const I twice = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3),
                                               _mm512_castsi256_si512(packed));
      const I mask = _mm512_set1_epi8(3);
      const I low = _mm512_setr_epi64(0, 2, 0, 2, 0, 2, 0, 2);
      const I high = _mm512_setr_epi64(4, 6, 4, 6, 4, 6, 4, 6);
      u0 = _mm512_and_si512(_mm512_srlv_epi64(twice, low), mask);
      u1 = _mm512_and_si512(_mm512_srlv_epi64(twice, high), mask);
    } else if constexpr (kBits == 4) {
      split(load_bytes(p), u0, u1);
    } else if constexpr (kBits == 8) {
      const I low = load_bytes(p), high = load_bytes(p + 64);
      u0 = _mm512_shuffle_i32x4(low, high, 0x88);
      u1 = _mm512_shuffle_i32x4(low, high, 0xdd);
    } else {
      unpack_shifted<kBits>(p, u0, u1);
    }
  }

  template <int kBits>
  static void unpack_in_order(const uint8_t* p, uint8_t* out) {
    if constexpr (kBits == 8) {
      std::memcpy(out, p, kUnit);
    } else {
      I u0, u1;
      unpack<kBits>(p, u0, u1);
      if constexpr (kBits == 4) {
        const I low = _mm512_unpacklo_epi8(u0, u1);
        u1 = _mm512_unpackhi_epi8(u0, u1);
        u0 = low;
      } else if constexpr (kBits == 2) {
        const I low = _mm512_unpacklo_epi8(u0, _mm512_bsrli_epi128(u0, 8));
        const I high = _mm512_unpacklo_epi8(u1, _mm512_bsrli_epi128(u1, 8));
        u0 = _mm512_unpacklo_epi16(low, high);
        u1 = _mm512_unpackhi_epi16(low, high);
      }
      const I first_lanes = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
      const I last_lanes = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
      _mm512_storeu_si512(out, _mm512_permutex2var_epi64(u0, first_lanes, u1));
      _mm512_storeu_si512(out + 64, _mm512_permutex2var_epi64(u0, last_lanes, u1));
    }
  }

  static F codes_to_float(const uint8_t* p) {
    return to_float(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }

  static F twice_e2m1(const uint8_t* p) {
    const F values = _mm512_setr_ps(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
    const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm512_permutexvar_ps(_mm512_cvtepu8_epi32(codes), values);
  }
  static F e4m3(const uint8_t* p) {
    const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m256i shifted = _mm256_slli_epi16(_mm256_cvtepi8_epi16(codes), 7);
    const __m256i value =
        _mm256_and_si256(shifted, _mm256_set1_epi16(static_cast<int16_t>(0xbfff)));
    const __m256i next = _mm256_add_epi16(value, _mm256_set1_epi16(0x80));
    constexpr int kFirstOrBoth = 0xf8;  // a | (b & c)
    return _mm512_cvtph_ps(
        _mm256_ternarylogic_epi32(value, next, _mm256_set1_epi16(0x4000), kFirstOrBoth));
  }
  /// The same of codes that all_plain_e4m3 is true of.
  static F plain_e4m3(const uint8_t* p) {
    const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm512_cvtph_ps(_mm256_slli_epi16(_mm256_cvtepu8_epi16(codes), 7));
  }
  /// Whether `count` E4M3 codes are numbers without a sign.
  static bool all_plain_e4m3(const uint8_t* p, int64_t count) {
    I largest = no_bytes();
    for (; count > 64; count -= 64, p += 64) largest = _mm512_max_epu8(largest, load_bytes(p));
    const __mmask64 rest = ~uint64_t{0} >> (64 - count);
    largest = _mm512_max_epu8(largest, _mm512_maskz_loadu_epi8(rest, p));
    return _mm512_cmpge_epu8_mask(largest, _mm512_set1_epi8(0x7f)) == 0;
  }
  static F e8m0(const uint8_t* p) {
    return e8m0(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static F e8m0(__m128i codes) {
    const I bits = _mm512_slli_epi32(_mm512_cvtepu8_epi32(codes), 23);
    return _mm512_castsi512_ps(_mm512_max_epu32(bits, _mm512_set1_epi32(0x00400000)));
  }

  template <int kBits, int kRows, int kCount, class Q>
  [[gnu::always_inline]] static inline void dots(const I (&u)[kCount], const Q& q,
                                                 I (&sums)[kRows]) {
    if constexpr (kRows <= 2) {  // two chains a row, since each step waits for the one before
      I others[kRows];
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) others[r] = no_bytes();
#pragma GCC unroll 4
      for (int i = 0; i < kCount; i += 2) {
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) {
          sums[r] = _mm512_dpbusd_epi32(sums[r], u[i], load_bytes(q(r)[i]));
          others[r] = _mm512_dpbusd_epi32(others[r], u[i + 1], load_bytes(q(r)[i + 1]));
        }
      }
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) sums[r] = _mm512_add_epi32(sums[r], others[r]);
    } else {
#pragma GCC unroll 8
      for (int i = 0; i < kCount; ++i) {
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) {
          sums[r] = _mm512_dpbusd_epi32(sums[r], u[i], load_bytes(q(r)[i]));
        }
      }
    }
  }
};

}  // namespace
}  // namespace mlxa::cpu
