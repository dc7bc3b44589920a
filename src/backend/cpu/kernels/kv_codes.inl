// Keys and values as codes of 8 or 4 bits; part of vector_kernels.inl. A row of n values holds its
// codes, low nibble first, then for each group of values a bfloat16 scale and a bfloat16 bias:
// value = scale * code + bias.

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

typedef uint8_t ByteVec __attribute__((vector_size(MLXA_VECTOR_BYTES / 4)));

constexpr int64_t kFactorBytes = 4;  // of a group

inline Vec vector_of(IntVec v) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
  return (Vec)_mm512_cvtepi32_ps((__m512i)v);
#else
  return __builtin_convertvector(v, Vec);
#endif
}

// A word of memory in all lanes. As a float: compilers then load it right into a vector.
inline UintVec splat_word(const uint8_t* p) {
  float word;
  memcpy(&word, p, sizeof(word));
  return (UintVec)splat(word);
}

// Lane i holds, from bit 4 * (i % 8) on, the nibble i of p.
#if MLXA_VECTOR_BYTES == 64
constexpr UintVec kNibbleShifts = {0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28};
inline UintVec nibble_words(const uint8_t* p) {
  return __builtin_shufflevector(splat_word(p), splat_word(p + 4), 0, 1, 2, 3, 4, 5, 6, 7, 24, 25,
                                 26, 27, 28, 29, 30, 31);
}
#elif MLXA_VECTOR_BYTES == 32
constexpr UintVec kNibbleShifts = {0, 4, 8, 12, 16, 20, 24, 28};
inline UintVec nibble_words(const uint8_t* p) { return splat_word(p); }
#else
constexpr UintVec kNibbleShifts = {0, 4, 8, 12};
inline UintVec nibble_words(const uint8_t* p) { return splat_bits(p[0] | p[1] << 8); }
#endif

// kLanes codes from a multiple of kLanes on.
template <int Bits>
inline Vec codes_at(const uint8_t* p) {
  if constexpr (Bits == 8) {
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return vector_of((IntVec)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)p)));
#elif MLXA_VECTOR_BYTES == 32 && defined(__AVX2__)
    return vector_of((IntVec)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p)));
#else
    ByteVec bytes;
    memcpy(&bytes, p, sizeof(bytes));
    return vector_of(__builtin_convertvector(bytes, IntVec));
#endif
  } else {
    const UintVec words = nibble_words(p);
    return vector_of((IntVec)((words >> kNibbleShifts) & 15u));
  }
}

// As FloatRow: `open` reads a group's scale and bias.
template <int Bits, int Group>
struct CodeRow {
  static constexpr int64_t kShared = Group;
  static constexpr bool kWholeVectors = true;
  const uint8_t *codes, *factors;
  Vec scale, bias;
  static int64_t bytes(int64_t dim) { return dim * Bits / 8 + dim / Group * kFactorBytes; }
  CodeRow() = default;
  CodeRow(const void* row, int64_t dim)
      : codes(static_cast<const uint8_t*>(row)), factors(codes + dim * Bits / 8) {}
  void open(int64_t d) {
    const UintVec both = splat_word(factors + d / Group * kFactorBytes);
    scale = (Vec)(both << 16);
    bias = (Vec)(both & 0xffff0000u);
  }
  Vec get(int64_t d) const { return fma(codes_at<Bits>(codes + d * Bits / 8), scale, bias); }
  Vec get_part(int64_t d, int64_t) const { return get(d); }
};

// fn(CodeRow, as a value)
template <class F>
inline void by_codes(const StoredType& type, F fn) {
  if (type.bits == 8) {
    if (type.group == 64) return fn(CodeRow<8, 64>{});
    return fn(CodeRow<8, 32>{});
  }
  if (type.group == 64) return fn(CodeRow<4, 64>{});
  return fn(CodeRow<4, 32>{});
}

inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof(x));
  return x;
}
inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits;
}

// The next bfloat16 at or below x (above: `up`). NaN and infinity stay what they are.
inline float to_bfloat16(float x, bool up) {
  uint32_t bits = bits_of(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return float_of((bits & 0xffff0000u) | 0x00400000u);
  const bool negative = bits >> 31, inexact = bits & 0xffffu;
  bits &= 0xffff0000u;
  return float_of(inexact && negative != up ? bits + 0x10000u : bits);
}

// Codes of one group, and its scale and bias: the range is covered by the rounded factors, so that
// no value is off by more than half a step. A value that is no number makes the group NaN.
inline void quantize_group(const float* x, int64_t group, int levels, uint8_t* codes,
                           uint8_t* factors) {
  Vec least = F32::widen(x), most = least, poison = {};
  for (int64_t i = 0; i < group; i += kLanes) {
    const Vec v = F32::widen(x + i);
    least = -max(-least, -v);
    most = max(most, v);
    poison += v * 0.0f;
  }
  const float bias = to_bfloat16(-max_lanes(-least), false);
  const auto steps = static_cast<float>(levels);
  const float scale = to_bfloat16((max_lanes(most) - bias) / steps + sum_lanes(poison), true);
  constexpr float kMagic = 8388608.0f;  // 2^23: adding it rounds to an integer in the low bits
  for (int64_t i = 0; i < group; i += kLanes) {
    Vec step = (F32::widen(x + i) - bias) / (scale > 0 ? scale : 1.0f);
    step = step > 0.0f ? step : Vec{};
    step = step < steps ? step : splat(steps);
    const UintVec bits = (UintVec)(step + kMagic);
    for (int lane = 0; lane < kLanes; lane++) codes[i + lane] = static_cast<uint8_t>(bits[lane]);
  }
  const uint32_t pair = bits_of(scale) >> 16 | (bits_of(bias) & 0xffff0000u);
  memcpy(factors, &pair, sizeof(pair));
}

void quantize_row(const float* x, int64_t n, const StoredType& type, void* to) noexcept {
  auto* codes = static_cast<uint8_t*>(to);
  uint8_t* factors = codes + n * type.bits / 8;
  const int levels = (1 << type.bits) - 1;
  for (int64_t d = 0; d < n; d += type.group, factors += kFactorBytes) {
    uint8_t wide[64];
    quantize_group(x + d, type.group, levels, wide, factors);
    if (type.bits == 8) {
      memcpy(codes + d, wide, static_cast<size_t>(type.group));
    } else {
      for (int64_t i = 0; i < type.group; i += 2) {
        codes[(d + i) / 2] = static_cast<uint8_t>(wide[i] | wide[i + 1] << 4);
      }
    }
  }
}

void load_codes(const void* from, const StoredType& type, int64_t n, int64_t stride, int64_t rows,
                float* to) noexcept {
  by_codes(type, [=](auto tag) {
    using T = decltype(tag);
    const int64_t width = padded(n);
    for (int64_t r = 0; r < rows; r++) {
      T row(static_cast<const char*>(from) + r * stride, n);
      for (int64_t d = 0; d < n;) {
        row.open(d);
        for (const int64_t end = d + T::kShared; d < end; d += kLanes) {
          F32::narrow(row.get(d), to + r * width + d);
        }
      }
    }
  });
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE
