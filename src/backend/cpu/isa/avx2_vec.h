// The vector operations that the shared kernels need, in AVX2, FMA and F16C. Everything has
// internal linkage: code built for this instruction set must not stand in for code that is not.
#pragma once

#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "backend/cpu/isa/x86_quantize.h"
#include "backend/cpu/kernels/code_order.h"
#include "backend/cpu/kernels/float_codes.h"
#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {
namespace {

struct Avx2 {
  static constexpr bool kAffine =
      true;  ///< What codes_to_float and unpack give; see float_formats.h
  static constexpr int kGroup = kActivationGroup;
  static constexpr bool kPicksFromTwo = false;  ///< Whether there is pick_from_two.
  static constexpr int kShift = 0;      ///< Of unpacked codes that a bias of scales takes away.
  static constexpr int kExtraBits = 0;  ///< Of an unpacked code, beyond those that are stored.
  using F = __m256;
  using I = __m256i;
  static constexpr int kFloats = 8;
  static constexpr int kLanes = 2;
  static constexpr int kUnit = 32 * kLanes;  ///< Codes that unpack to two vectors.
  /// Activations that decode goes through again and again, in bytes: most of the smallest L1 cache.
  static constexpr int64_t kDecodeCache = 20 << 10;
  static constexpr int kHeldRows = 4;  ///< Rows of x whose sums fit the registers.
  /// Of `held` rows those whose products are made by turns, as each step of a sum waits for the one
  /// before.
  static constexpr int rows_at_once(int /*held*/) { return 1; }
  static constexpr int kExactRows = 3;         ///< Likewise with float32 activations.
  static constexpr int kFloatTileRows = 6;     ///< Likewise, beside a prefill panel of floats.
  static constexpr int kFloatPanel = 128;      ///< Its columns and
  static constexpr int64_t kFloatBlock = 256;  ///< terms: a part of the L2 cache.
  static constexpr int kMostBytesPerCode = 2;  ///< In a prefill panel.
  /// Rows of x beside a prefill panel: 6 of int16 over a block of k.
  static constexpr size_t kTileRowBytes = 6 * 2 * 1024;
  /// Columns of a prefill panel of codes and how many of each: a part of the L2 cache.
  static constexpr int kCodePanel = 128;
  static constexpr int64_t kCodeBlock = 1024;
  /// 8-bit codes are unpacked less 128, as signed bytes.
  static constexpr bool kCentred8 = true;

  static void quantize_row(const float* x, int64_t k, int bits, int unit, const Int8Rows& out,
                           int64_t m, int part) {
    round_row(x, k, bits, unit, out, m, part);
  }
  /// 4-bit codes in groups of 16.
  static void quantize_row_by_16(const float* x, int64_t k, int unit, const Int8Rows& out,
                                 int64_t m, int part) {
    round_row_by_16(x, k, unit, out, m, part);
  }

  static F zero() { return _mm256_setzero_ps(); }
  static F set1(float x) { return _mm256_set1_ps(x); }
  static F load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, F x) { _mm256_storeu_ps(p, x); }
  static F add(F a, F b) { return _mm256_add_ps(a, b); }
  static F mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static F to_float(I x) { return _mm256_cvtepi32_ps(x); }
  static I load_bytes(const void* p) { return _mm256_loadu_si256(static_cast<const I*>(p)); }
  static I no_bytes() { return _mm256_setzero_si256(); }

  static I first(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  /// The first `count` values, zeros after; touches no more.
  static F load_first(const float* p, int count) { return _mm256_maskload_ps(p, first(count)); }
  static void store_first(float* p, F x, int count) { _mm256_maskstore_ps(p, first(count), x); }

  static float sum(F x) {
    __m128 a = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    a = _mm_add_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_add_ss(a, _mm_movehdup_ps(a)));
  }

  /// kFloats values of any type as float32.
  static F widen(const void* p, FloatType type) {
    if (type == FloatType::kFloat32) return load(static_cast<const float*>(p));
    const __m128i raw = _mm_loadu_si128(static_cast<const __m128i*>(p));
    if (type == FloatType::kFloat16) return _mm256_cvtph_ps(raw);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(raw), 16));
  }
  static float widen_half(uint16_t raw) { return _cvtsh_ss(raw); }
  /// Pairs of bfloat16 as float32: the first of each pair, and the second.
  static void widen_pairs(I pairs, F& first, F& second) {
    first = as_floats(_mm256_slli_epi32(pairs, 16));
    second = as_floats(_mm256_and_si256(pairs, _mm256_set1_epi32(~0xffff)));
  }
  /// The values of a, then b, as widen_pairs gives those of pairs.
  static void split_pairs(F& a, F& b) {
    const F even = _mm256_shuffle_ps(a, b, 0x88), odd = _mm256_shuffle_ps(a, b, 0xdd);
    a = as_floats(_mm256_permute4x64_epi64(_mm256_castps_si256(even), 0xd8));
    b = as_floats(_mm256_permute4x64_epi64(_mm256_castps_si256(odd), 0xd8));
  }

  /// The first `count` values, zeros after.
  static F keep_first(F x, int count) {
    return _mm256_and_ps(x, _mm256_castsi256_ps(first(count)));
  }
  static F permute(F x, I places) { return _mm256_permutevar8x32_ps(x, places); }
  static F as_floats(I x) { return _mm256_castsi256_ps(x); }

  /// Whether a block of codes has an unpacking of its own.
  static constexpr bool unpacks_blocks(int /*bits*/) { return false; }

  /// Of each lane, the lower or upper 32-bit or 64-bit parts of a and b by turns.
  static I low32(I a, I b) { return _mm256_unpacklo_epi32(a, b); }
  static I high32(I a, I b) { return _mm256_unpackhi_epi32(a, b); }
  static I low64(I a, I b) { return _mm256_unpacklo_epi64(a, b); }
  static I high64(I a, I b) { return _mm256_unpackhi_epi64(a, b); }

  /// Bytes of a table of 16, by index.
  static I look_up(const void* table, I index) {
    const __m128i row = _mm_load_si128(static_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(row), index);
  }

  /// Likewise by the low and by the high four bits of bytes.
  [[gnu::always_inline]] static inline void look_up_halves(const void* table, I both, I& low,
                                                           I& high) {
    split(both, low, high);
    low = look_up(table, low);
    high = look_up(table, high);
  }

  static I two_loads(const uint8_t* low, const uint8_t* high) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
  }

  template <int kBits, int kVector>
  static I unpack_windows(const uint8_t* p) {
    using Tables = WindowTables<kBits, kLanes>;
    constexpr const Tables& kTables = kWindowTables<kBits, kLanes>;
    const I bytes = two_loads(p + Tables::load_at(kVector, 0), p + Tables::load_at(kVector, 1));
    const I even = _mm256_mullo_epi16(_mm256_shuffle_epi8(bytes, load_bytes(kTables.even[kVector])),
                                      load_bytes(kTables.even_factor));
    const I odd = _mm256_mullo_epi16(_mm256_shuffle_epi8(bytes, load_bytes(kTables.odd[kVector])),
                                     load_bytes(kTables.odd_factor));
    const I both = _mm256_blendv_epi8(_mm256_srli_epi16(even, 8), odd, _mm256_set1_epi16(-256));
    return _mm256_and_si256(both, _mm256_set1_epi8((1 << kBits) - 1));
  }

  /// 4-bit codes: the low ones of each byte, and the high ones.
  [[gnu::always_inline]] static inline void split(I both, I& u0, I& u1) {
    const I mask = _mm256_set1_epi8(15);
    u0 = _mm256_and_si256(both, mask);
    u1 = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
  }

  /// One unit of codes, in the order of code_in_lane.
  template <int kBits>
  [[gnu::always_inline]] static inline void unpack(const uint8_t* p, I& u0, I& u1) {
    if constexpr (kBits == 2) {
      const I twice = _mm256_shuffle_epi8(
          _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))),
          _mm256_setr_epi64x(0x0706050403020100, 0x0706050403020100, 0x0f0e0d0c0b0a0908,
                             0x0f0e0d0c0b0a0908));
      const I mask = _mm256_set1_epi8(3);
      u0 = _mm256_and_si256(_mm256_srlv_epi64(twice, _mm256_setr_epi64x(0, 2, 0, 2)), mask);
      u1 = _mm256_and_si256(_mm256_srlv_epi64(twice, _mm256_setr_epi64x(4, 6, 4, 6)), mask);
    } else if constexpr (kBits == 4) {
      split(load_bytes(p), u0, u1);
    } else if constexpr (kBits == 8) {
      const I centre = _mm256_set1_epi8(-128);
      u0 = _mm256_xor_si256(two_loads(p, p + 32), centre);
      u1 = _mm256_xor_si256(two_loads(p + 16, p + 48), centre);
    } else {
      u0 = unpack_windows<kBits, 0>(p);
      u1 = unpack_windows<kBits, 1>(p);
    }
  }

  /// One unit of codes in their own order, as bytes (8 bits: not centred).
  template <int kBits>
  static void unpack_in_order(const uint8_t* p, uint8_t* out) {
    if constexpr (kBits == 8) {
      std::memcpy(out, p, kUnit);
    } else {
      I u0, u1;
      unpack<kBits>(p, u0, u1);
      if constexpr (kBits == 4) {
        const I low = _mm256_unpacklo_epi8(u0, u1);
        u1 = _mm256_unpackhi_epi8(u0, u1);
        u0 = low;
      } else if constexpr (kBits == 2) {
        const I low = _mm256_unpacklo_epi8(u0, _mm256_bsrli_epi128(u0, 8));
        const I high = _mm256_unpacklo_epi8(u1, _mm256_bsrli_epi128(u1, 8));
        u0 = _mm256_unpacklo_epi16(low, high);
        u1 = _mm256_unpackhi_epi16(low, high);
      }
      store_bytes(out, _mm256_permute2x128_si256(u0, u1, 0x20));
      store_bytes(out + 32, _mm256_permute2x128_si256(u0, u1, 0x31));
    }
  }

  static void store_bytes(void* p, I x) { _mm256_storeu_si256(static_cast<I*>(p), x); }

  static F codes_to_float(const uint8_t* p) {
    return to_float(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
  }

  /// E2M1 codes, a byte each, as twice their values.
  static F twice_e2m1(const uint8_t* p) {
    const __m128i codes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    const __m128i table = _mm_load_si128(reinterpret_cast<const __m128i*>(kTwiceE2M1.of));
    return to_float(_mm256_cvtepi8_epi32(_mm_shuffle_epi8(table, codes)));
  }
  /// E4M3 codes as their values / 256: a float16 has the same numbers there, subnormal ones too.
  static F e4m3(const uint8_t* p) {
    const __m128i codes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    const __m128i shifted = _mm_slli_epi16(_mm_cvtepi8_epi16(codes), 7);
    const __m128i value = _mm_and_si128(shifted, _mm_set1_epi16(static_cast<int16_t>(0xbfff)));
    const __m128i not_a_number =
        _mm_and_si128(_mm_add_epi16(value, _mm_set1_epi16(0x80)), _mm_set1_epi16(0x4000));
    return _mm256_cvtph_ps(_mm_or_si128(value, not_a_number));
  }
  static F plain_e4m3(const uint8_t* p) { return e4m3(p); }
  static bool all_plain_e4m3(const uint8_t* /*p*/, int64_t /*count*/) { return true; }
  /// E8M0 scales.
  static F e8m0(const uint8_t* p) {
    const __m128i codes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    const I bits = _mm256_slli_epi32(_mm256_cvtepu8_epi32(codes), 23);
    return _mm256_castsi256_ps(_mm256_max_epu32(bits, _mm256_set1_epi32(0x00400000)));
  }

  /// Adds to each 32-bit part of sums[r] the products of its bytes in all vectors of codes and
  /// activations, which for row r are q(r)[0], q(r)[1], ...
  template <int kBits, int kRows, int kCount, class Q>
  [[gnu::always_inline]] static inline void dots(const I (&u)[kCount], const Q& q,
                                                 I (&sums)[kRows]) {
    static_assert(kRows == 1);
    sums[0] = dots_of_row<kBits>(u, q(0), sums[0]);
  }

  /// Codes of up to 6 bits: pairs are summed in int16 for as many vectors as cannot overflow.
  /// Signed 8-bit codes, whose pairs reach 2 * 128 * 127, are widened before that.
  template <int kBits, int kCount>
  [[gnu::always_inline]] static inline I dots_of_row(const I (&u)[kCount], const int8_t (*q)[32],
                                                     I sum) {
    const I ones = _mm256_set1_epi16(1);
    if constexpr (kBits == 8) {
#pragma GCC unroll 8
      for (int i = 0; i < kCount; ++i) {
        const I x = _mm256_sign_epi8(load_bytes(q[i]), u[i]);
        const I pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(u[i]), x);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
      }
    } else {
      constexpr int kPeriod = pairs_in_int16(kBits) < kCount ? pairs_in_int16(kBits) : kCount;
#pragma GCC unroll 8
      for (int i = 0; i < kCount; i += kPeriod) {
        I pairs = _mm256_maddubs_epi16(u[i], load_bytes(q[i]));
#pragma GCC unroll 8
        for (int j = i + 1; j < i + kPeriod; ++j) {
          pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(u[j], load_bytes(q[j])));
        }
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
      }
    }
    return sum;
  }

  /// How many sums of two products of codes and int8 fit int16: 2 * (2^bits - 1) * 127 each.
  static constexpr int pairs_in_int16(int bits) { return bits <= 4 ? 8 : bits == 5 ? 4 : 2; }

  /// Lane i: the sum of the lanes of v[i], halves of the vector first.
  [[gnu::always_inline]] static inline F sum_each(F (&v)[8]) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      v[i] =
          add(_mm256_blend_ps(v[i], v[i + 4], 0xf0), _mm256_permute2f128_ps(v[i], v[i + 4], 0x21));
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      v[i] = add(_mm256_blend_ps(v[i], v[i + 2], 0xcc), _mm256_shuffle_ps(v[i], v[i + 2], 0x4e));
    }
    const F rest = _mm256_blend_ps(v[0], v[1], 0x55);
    return add(_mm256_blend_ps(v[0], v[1], 0xaa), _mm256_permute_ps(rest, 0xb1));
  }

  /// Transposes an 8 x 8 matrix of 32-bit values.
  [[gnu::always_inline]] static inline void transpose(I (&r)[8]) {
    I t[8], s[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      t[2 * i] = _mm256_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
      t[2 * i + 1] = _mm256_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      s[4 * i] = _mm256_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
      s[4 * i + 1] = _mm256_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
      s[4 * i + 2] = _mm256_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
      s[4 * i + 3] = _mm256_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      r[i] = _mm256_permute2x128_si256(s[i], s[i + 4], 0x20);
      r[i + 4] = _mm256_permute2x128_si256(s[i], s[i + 4], 0x31);
    }
  }
  [[gnu::always_inline]] static inline void transpose(F (&r)[8]) {
    I bits[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) bits[i] = _mm256_castps_si256(r[i]);
    transpose(bits);
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) r[i] = _mm256_castsi256_ps(bits[i]);
  }

  // The two steps of a tile, as assembly because compilers that see through them multiply for all
  // rows first and then lack registers for the sums, which halves the speed.

  /// sum += pairs of products of unsigned and signed bytes, in int16.
  [[gnu::always_inline]] static inline void add_byte_pairs(I& sum, I codes, I x) {
    I pairs;
    __asm__("vpmaddubsw %3, %2, %1\n\tvpaddw %1, %0, %0"
            : "+x"(sum), "=&x"(pairs)
            : "x"(codes), "x"(x));
  }
  /// sum += pairs of products of int16, in int32.
  [[gnu::always_inline]] static inline void add_word_pairs(I& sum, I codes, I x) {
    I pairs;
    __asm__("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0"
            : "+x"(sum), "=&x"(pairs)
            : "x"(codes), "x"(x));
  }

  template <int kBits>
  struct Products;
};

/// Products of a prefill tile and kRows rows of one group's activations, codes as bytes: each
/// 32-bit part of a vector holds four codes of a column. Pairs are summed in int16 for as many
/// steps as cannot overflow, 2 * (2^bits - 1) * 127 each.
template <int kBits>
struct Avx2::Products {
  using X = int8_t;
  static constexpr int kBytesPerCode = 1;
  static constexpr bool kConvertsRows = false;
  static constexpr int kPeriod = pairs_in_int16(kBits);
  static_assert(kPeriod * 2 * ((1 << kBits) - 1) * 127 <= 32767);

  static void store_step(uint8_t* step, int half, I codes) {
    _mm256_store_si256(reinterpret_cast<I*>(step + 32 * half), codes);
  }

  template <int kRows>
  [[gnu::always_inline]] static inline void run(const uint8_t* codes, const int8_t* x, int64_t ldx,
                                                int steps, I (&out)[kRows][2]) {
    period<kRows, true>(codes, x, ldx, out);
    for (int step = kPeriod; step < steps; step += kPeriod) {
      period<kRows, false>(codes + 64 * step, x + 4 * step, ldx, out);
    }
  }

  template <int kRows, bool kFirst>
  [[gnu::always_inline]] static inline void period(const uint8_t* codes, const int8_t* x,
                                                   int64_t ldx, I (&out)[kRows][2]) {
    I sums[kRows][2];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
#pragma GCC unroll 2
    for (int i = 0; i < kPeriod; ++i, codes += 64, x += 4) {
      const I w0 = load_bytes(codes), w1 = load_bytes(codes + 32);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const I values = broadcast4(x + r * ldx);
        add_byte_pairs(sums[r][0], w0, values);
        add_byte_pairs(sums[r][1], w1, values);
      }
    }
    const I ones = _mm256_set1_epi16(1);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < 2; ++v) {
        const I wide = _mm256_madd_epi16(sums[r][v], ones);
        out[r][v] = kFirst ? wide : _mm256_add_epi32(out[r][v], wide);
      }
    }
  }

  static I broadcast4(const void* p) {
    int32_t four;
    std::memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
  }
};

/// 8-bit codes do not fit products in int16: the panel holds them, less 128, as int16, two codes of
/// a column in each 32-bit part; rows of x are widened in the same order: bytes 0 and 2 of each
/// four, then 1 and 3.
template <>
struct Avx2::Products<8> {
  using X = int16_t;
  static constexpr int kBytesPerCode = 2;
  static constexpr bool kConvertsRows = true;

  static void store_step(uint8_t* step, int half, I codes) {
    const I even = _mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 8);
    _mm256_store_si256(reinterpret_cast<I*>(step + 32 * half), even);
    _mm256_store_si256(reinterpret_cast<I*>(step + 64 + 32 * half), _mm256_srai_epi16(codes, 8));
  }

  static void convert(const int8_t* q, int64_t ldq, int rows, int64_t count, int16_t* out) {
    const __m128i order = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
    for (int r = 0; r < rows; ++r) {
      for (int64_t k = 0; k < count; k += 16) {
        const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(q + r * ldq + k));
        const I wide = _mm256_cvtepi8_epi16(_mm_shuffle_epi8(in, order));
        _mm256_storeu_si256(reinterpret_cast<I*>(out + r * count + k), wide);
      }
    }
  }

  template <int kRows>
  [[gnu::always_inline]] static inline void run(const uint8_t* codes, const int16_t* x, int64_t ldx,
                                                int steps, I (&out)[kRows][2]) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) out[r][0] = out[r][1] = _mm256_setzero_si256();
#pragma GCC unroll 2
    for (int i = 0; i < 2 * steps; ++i, codes += 64, x += 2) {
      const I w0 = load_bytes(codes), w1 = load_bytes(codes + 32);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const I values = Products<2>::broadcast4(x + r * ldx);
        add_word_pairs(out[r][0], w0, values);
        add_word_pairs(out[r][1], w1, values);
      }
    }
  }
};

}  // namespace
}  // namespace mlxa::cpu
