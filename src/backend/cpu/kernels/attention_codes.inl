// Attention of one position's query heads to codes in groups of 64, by products of integers; part
// of vector_kernels.inl. Queries and weights are rounded to 16 bits of the largest of a group of
// columns, respectively of a tile of keys, and multiplied in two parts of 8 bits.
#if MLXA_VECTOR_BYTES == 64 && defined(__AVX512VNNI__)

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

constexpr int64_t kCodeGroup = 64;
constexpr int kCodeVectors = kCodeGroup / kLanes;
// The largest number whose upper part, rounded, is 127.
constexpr float kMostInParts = 127 * 256;
// Numbers below this times kMostInParts have no finite reciprocal.
constexpr float kLeastOfParts = 1e-34f;

inline bool multiplies_codes(const DecodeAttention& shape) {
  return shape.rounds && shape.type.bits && shape.type.group == kCodeGroup;
}

// The queries of a group of columns. Four lanes of a vector of codes come from four keys, hence
// the repetitions. `scale` and `sum`: lane i belongs to row i % room.
template <int R>
struct alignas(64) CodeQueries {
  __m512i high[kCodeVectors][R], low[kCodeVectors][R];
  Vec scale, sum;
};

// The column whose code is number `i` of vector v of a group, within a key's 16: of 4-bit codes
// the low nibbles come first, then the high ones.
inline int64_t column_of(int bits, int v, int i) {
  return bits == 8 ? v * 16 + i : v / 2 * 32 + 2 * i + v % 2;
}

template <int R>
inline void make_queries(const DecodeAttention& shape, const float* rows, CodeQueries<R>* to) {
  constexpr int kRoom = room_for(R);
  const int64_t width = padded(shape.keys.dim);
  for (int64_t g = 0; g < shape.keys.dim / kCodeGroup; g++) {
    float scales[kLanes] = {}, sums[kLanes] = {};
    for (int r = 0; r < R; r++) {
      const float* q = rows + r * width + g * kCodeGroup;
      float most = 0, poison = 0;
      for (int64_t d = 0; d < kCodeGroup; d++) {
        const float size = fabsf(q[d]);
        most = size > most ? size : most;
        poison += q[d] * 0.0f;
      }
      const float inverse = most > kLeastOfParts ? kMostInParts / most : 0.0f;
      int8_t high[kCodeGroup], low[kCodeGroup];
      int32_t sum = 0;
      for (int64_t d = 0; d < kCodeGroup; d++) {
        const auto x = static_cast<int32_t>(lrintf(poison == 0.0f ? q[d] * inverse : 0.0f));
        high[d] = static_cast<int8_t>((x + 128) >> 8);
        low[d] = static_cast<int8_t>(x);
        sum += x;
      }
      for (int i = r; i < kLanes; i += kRoom) {
        scales[i] = most / kMostInParts + poison;
        sums[i] = scales[i] * static_cast<float>(sum);
      }
      for (int v = 0; v < kCodeVectors; v++) {
        alignas(16) int8_t parts[2][16];
        for (int i = 0; i < 16; i++) {
          const int64_t d = column_of(shape.type.bits, v, i);
          parts[0][i] = high[d];
          parts[1][i] = low[d];
        }
        to[g].high[v][r] = _mm512_broadcast_i32x4(_mm_load_si128((const __m128i*)parts[0]));
        to[g].low[v][r] = _mm512_broadcast_i32x4(_mm_load_si128((const __m128i*)parts[1]));
      }
    }
    to[g].scale = F32::widen(scales);
    to[g].sum = F32::widen(sums);
  }
}

int64_t decode_query_floats(const DecodeAttention& shape) noexcept {
  if (!multiplies_codes(shape)) return 0;
  int64_t bytes = 0;
  by_count(shape.rows, [&](auto count) { bytes = sizeof(CodeQueries<decltype(count)::value>); });
  return shape.keys.dim / kCodeGroup * bytes / static_cast<int64_t>(sizeof(float));
}

void decode_queries(const DecodeAttention& shape, const float* rows, float* to) noexcept {
  by_count(shape.rows, [&](auto count) {
    constexpr int kRows = decltype(count)::value;
    make_queries<kRows>(shape, rows, reinterpret_cast<CodeQueries<kRows>*>(to));
  });
}

// 16 bytes of each of four rows.
inline __m512i four_rows(const uint8_t* first, int64_t stride) {
  const auto row = [=](int i) { return _mm_loadu_si128((const __m128i*)(first + i * stride)); };
  __m512i v = _mm512_castsi128_si512(row(0));
  v = _mm512_inserti32x4(v, row(1), 1);
  v = _mm512_inserti32x4(v, row(2), 2);
  return _mm512_inserti32x4(v, row(3), 3);
}

// Lane i: the word of row i / Room.
template <int Room>
inline UintVec words_of(const uint8_t* first, int64_t stride) {
  if constexpr (Room == 4) {
    const auto word = [=](int i) { return _mm_load_ss((const float*)(first + i * stride)); };
    __m512 v = _mm512_broadcastss_ps(word(0));
    v = _mm512_mask_broadcastss_ps(v, 0x00f0, word(1));
    v = _mm512_mask_broadcastss_ps(v, 0x0f00, word(2));
    return (UintVec)_mm512_mask_broadcastss_ps(v, 0xf000, word(3));
  } else {
    constexpr IntVec kLane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const IntVec at = kLane / Room * static_cast<int32_t>(stride);
    return (UintVec)_mm512_i32gather_epi32((__m512i)at, first, 1);
  }
}
inline Vec scale_of(UintVec words) { return (Vec)(words << 16); }
inline Vec bias_of(UintVec words) { return (Vec)(words & 0xffff0000u); }

// Lane 4 * j + i: the sum of lanes 4 * j to 4 * j + 3 of v[i].
inline __m512i sum_fours(const __m512i (&v)[4]) {
  const auto two = [](__m512i a, __m512i b) {
    return _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  };
  const __m512i a = two(v[0], v[1]), b = two(v[2], v[3]);
  return _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
}

// Sums of products with codes, of row r with keys c + kQuads * j (j < 4) of result n, at
// [n][c * room + r].
template <int N>
struct ScoreSums {
  __m512i high[N][4], low[N][4];

  void clear() {
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) high[n][i] = low[n][i] = _mm512_setzero_si512();
    }
  }

  // A vector of codes for each result, and R rows; a row's queries are loaded once.
  template <int R>
  [[gnu::always_inline]] void add(const __m512i (&codes)[N], const CodeQueries<R>& q, int v,
                                  int first) {
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
      __m512i x = q.high[v][r], y = q.low[v][r];
      // Else compilers load them for each product, and loads are what there is least room for.
      if constexpr (N > 1) __asm__("" : "+v"(x), "+v"(y));
#pragma GCC unroll 2
      for (int n = 0; n < N; n++) {
        high[n][first + r] = _mm512_dpbusd_epi32(high[n][first + r], codes[n], x);
        low[n][first + r] = _mm512_dpbusd_epi32(low[n][first + r], codes[n], y);
      }
    }
  }

  // Lane j * 4 + i: what the sums at i come to.
  Vec total(int n) const {
    __m512i both[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      both[i] = _mm512_add_epi32(_mm512_slli_epi32(high[n][i], 8), low[n][i]);
    }
    return vector_of((IntVec)sum_fours(both));
  }
};

// As decode_dots, for N times as many keys.
template <int Bits, int R, int N>
inline void code_dots(const CodeQueries<R>* q, const uint8_t* keys, int64_t stride, int64_t dim,
                      float* to) {
  constexpr int kRoom = room_for(R), kQuads = 4 / kRoom, kKeys = kLanes / kRoom;
  const uint8_t* factors = keys + dim * Bits / 8;
  const __m512i nibble = _mm512_set1_epi8(15);
  Vec score[N] = {};
  for (int64_t g = 0; g < dim / kCodeGroup; g++, q++) {
    ScoreSums<N> sums;
    sums.clear();
#pragma GCC unroll 4
    for (int v = 0; v < kCodeVectors; v += 8 / Bits) {
#pragma GCC unroll 4
      for (int c = 0; c < kQuads; c++) {
        const uint8_t* first = keys + c * stride + (g * kCodeGroup + v * 16) * Bits / 8;
        __m512i codes[N];
#pragma GCC unroll 2
        for (int n = 0; n < N; n++) {
          codes[n] = four_rows(first + n * kKeys * stride, kQuads * stride);
        }
        if constexpr (Bits == 8) {
          sums.add(codes, *q, v, c * kRoom);
        } else {
          __m512i upper[N];
#pragma GCC unroll 2
          for (int n = 0; n < N; n++) {
            upper[n] = _mm512_and_si512(_mm512_srli_epi16(codes[n], 4), nibble);
            codes[n] = _mm512_and_si512(codes[n], nibble);
          }
          sums.add(codes, *q, v, c * kRoom);
          sums.add(upper, *q, v + 1, c * kRoom);
        }
      }
    }
#pragma GCC unroll 2
    for (int n = 0; n < N; n++) {
      const uint8_t* at = factors + n * kKeys * stride + g * kFactorBytes;
      const UintVec words = words_of<kRoom>(at, stride);
      score[n] =
          fma(sums.total(n) * q->scale, scale_of(words), fma(bias_of(words), q->sum, score[n]));
    }
  }
#pragma GCC unroll 2
  for (int n = 0; n < N; n++) F32::narrow(score[n], to + n * kLanes);
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE

#include "backend/cpu/kernels/attention_code_values.inl"

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

template <int Bits, int R>
inline void code_tile(const DecodeAttention& shape, const DecodeTile& tile, DecodeState& state) {
  using Row = CodeRow<Bits, kCodeGroup>;
  alignas(64) float scores[kDecodeKeys * kDecodeRows + kLanes];
  alignas(64) float factors[kLanes];
  const int64_t dim = shape.values.dim, stride = shape.values.stride;
  const int64_t key_groups = shape.keys.dim / kCodeGroup, value_groups = dim / kCodeGroup;
  const auto vectors = static_cast<float>(score_vectors<R>(tile.count));
  const float score = static_cast<float>(key_groups) * kCodeScoreWork;
  const float value = static_cast<float>(value_groups) * code_value_work<R>() / 2;
  const float weighing = kWeightWork + static_cast<float>(value_groups) * kCodeWeightWork;
  Fetcher fetcher(shape, tile, Row::bytes(shape.keys.dim), Row::bytes(dim),
                  vectors * (score + weighing) + static_cast<float>(tile.count) * value);
  const auto* queries = reinterpret_cast<const CodeQueries<R>*>(shape.q);
  const auto* keys = static_cast<const uint8_t*>(tile.keys);
  const int64_t share = fetcher.share_of(score);
  const auto dots = [&](auto together, int64_t t, int64_t step, float* to) {
    fetcher.ask(together.value * share);
    code_dots<Bits, R, together.value>(queries, keys + t * shape.keys.stride, step, shape.keys.dim,
                                       to);
  };
  // As many as registers hold.
  score_tile<R, (R > 2 ? 2 : 1)>(shape, tile, scores, dots);
  decode_softmax<R>(scores, tile.count, fetcher, state, factors);
  CodeWeights<Bits, R> weights;
  const auto* values = static_cast<const uint8_t*>(tile.values);
  for (int64_t d = 0; d < dim; d += kCodeGroup) {
    const int64_t at = d * Bits / 8;
    weights.make(scores, values + dim * Bits / 8 + d / kCodeGroup * kFactorBytes, stride,
                 tile.count, fetcher);
    add_code_values<Bits, R, 0>(shape, tile, at, weights, factors, fetcher, state.out + d);
    add_code_values<Bits, R, 1>(shape, tile, at, weights, factors, fetcher, state.out + d);
  }
}

void decode_codes(const DecodeAttention& shape, const DecodeTile& tile, DecodeState& state) {
  by_count(shape.rows, [&](auto count) {
    constexpr int kRows = decltype(count)::value;
    if (shape.type.bits == 8) {
      code_tile<8, kRows>(shape, tile, state);
    } else {
      code_tile<4, kRows>(shape, tile, state);
    }
  });
}

// After the last tile.
void order_columns(const DecodeAttention& shape, float* out) {
  for (int64_t d = 0; d < shape.rows * shape.values.dim; d += kCodeGroup) {
    if (shape.type.bits == 8) {
      in_order<8>(out + d);
    } else {
      in_order<4>(out + d);
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE

#else

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

bool multiplies_codes(const DecodeAttention&) { return false; }
int64_t decode_query_floats(const DecodeAttention&) noexcept { return 0; }
void decode_queries(const DecodeAttention&, const float*, float*) noexcept {}
void decode_codes(const DecodeAttention&, const DecodeTile&, DecodeState&) {}
void order_columns(const DecodeAttention&, float*) {}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE

#endif
