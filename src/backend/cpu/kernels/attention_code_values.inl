// Weighted sums of values in codes, by products of integers; part of attention_codes.inl.

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

// About how many vectors of arithmetic the parts of a tile are, for each group: a vector of scores,
// a vector of weights, half the columns of four keys.
constexpr float kCodeScoreWork = 58, kCodeWeightWork = 25;
template <int R>
constexpr float code_value_work() {
  return 4 + 4 * R;
}

// What the weights of a tile's keys become for a group of columns of the values: times the keys'
// scales, in two parts. A word holds the parts of four keys, kLanes / room keys apart from each
// other, whose first is number i / room of its step; i % room: the row.
template <int Bits, int R>
struct CodeWeights {
  static constexpr float kMiddle = 1 << (Bits - 1);
  static constexpr int kRoom = room_for(R), kKeys = kLanes / kRoom, kStepKeys = 4 * kKeys;
  static constexpr int kSteps = kDecodeKeys / kStepKeys;
  alignas(64) int32_t high[kSteps][kLanes], low[kSteps][kLanes];
  alignas(64) float unit[kLanes];  // of a row
  alignas(64) float bias[kLanes];  // what the row's columns all get besides

  void make(const float* weights, const uint8_t* factors, int64_t stride, int64_t count,
            Fetcher& fetcher);
};

// Lane i belongs to row i % Room in the result as well.
template <int Room>
inline Vec sum_of_lanes(Vec v) {
  v = v + swap_lanes<8>(v, AllLanes{});
  v = v + swap_lanes<4>(v, AllLanes{});
  if constexpr (Room <= 2) v = v + swap_lanes<2>(v, AllLanes{});
  if constexpr (Room <= 1) v = v + swap_lanes<1>(v, AllLanes{});
  return v;
}

// `weights` are zero from the last key on, up to a whole vector.
template <int Bits, int R>
inline void CodeWeights<Bits, R>::make(const float* weights, const uint8_t* factors, int64_t stride,
                                       int64_t count, Fetcher& fetcher) {
  const int64_t share = fetcher.share_of(4 * kCodeWeightWork);
  alignas(64) Vec scaled[kSteps * 4];
  Vec most = {}, total = {}, offset = {};
  const int vectors = static_cast<int>((count + kKeys - 1) / kKeys);
  for (int i = 0; i < vectors; i++) {
    const int64_t key = int64_t{i} * kKeys, left = count - key;
    UintVec words;
    if (left >= kKeys) {
      words = words_of<kRoom>(factors + key * stride, stride);
    } else {
      for (int lane = 0; lane < kLanes; lane++) {
        const int64_t k = lane / kRoom < left ? lane / kRoom : left - 1;
        uint32_t word;
        memcpy(&word, factors + (key + k) * stride, sizeof(word));
        words[lane] = word;
      }
    }
    const Vec weight = F32::widen(weights + i * kLanes);
    const Vec scale = scale_of(words);
    scaled[i] = weight * scale;
    offset = fma(weight, fma(scale, splat(kMiddle), bias_of(words)), offset);
    total += scaled[i];
    most = (Vec)_mm512_max_ps((__m512)most, _mm512_abs_ps((__m512)scaled[i]));
  }
  most = max_of_lanes<kRoom>(most);
  // A scale that is no number makes the unit one.
  const Vec one = most * (1 / kMostInParts) + sum_of_lanes<kRoom>(total) * 0.0f;
  F32::narrow(one, unit);
  const Vec inverse = most > kLeastOfParts ? kMostInParts / most : Vec{};
  IntVec rounded = {};
  for (int step = 0; step * 4 < vectors; step++) {
    fetcher.ask(share);
    UintVec x[4];
#pragma GCC unroll 4
    for (int m = 0; m < 4; m++) {
      const int i = step * 4 + m;
      x[m] = i < vectors ? (UintVec)_mm512_cvtps_epi32((__m512)(scaled[i] * inverse)) : UintVec{};
      rounded += (IntVec)x[m];
    }
    const UintVec l = (x[0] & 255u) | (x[1] & 255u) << 8 | (x[2] & 255u) << 16 | x[3] << 24;
#pragma GCC unroll 4
    for (int m = 0; m < 4; m++) x[m] = x[m] + 128u;
    const UintVec h =
        (x[0] >> 8 & 255u) | (x[1] & 0xff00u) | (x[2] & 0xff00u) << 8 | (x[3] & 0xff00u) << 16;
    memcpy(low[step], &l, sizeof(l));
    memcpy(high[step], &h, sizeof(h));
  }
  // What rounding changed meets the codes less their middle, not the codes.
  offset = fma(vector_of(rounded), one * -kMiddle, offset);
  F32::narrow(sum_of_lanes<kRoom>(offset), bias);
}

// The codes of half the columns of a group for four keys: each word of k is a column's. Which one:
// see in_order.
template <int Bits, int Half>
[[gnu::always_inline]] inline void interleave(const uint8_t* const (&row)[4], __m512i (&k)[2]) {
  if constexpr (Bits == 8) {
    const auto at = [&](int i) { return _mm512_loadu_si512(row[i]); };
    const __m512i a =
        Half ? _mm512_unpackhi_epi8(at(0), at(1)) : _mm512_unpacklo_epi8(at(0), at(1));
    const __m512i b =
        Half ? _mm512_unpackhi_epi8(at(2), at(3)) : _mm512_unpacklo_epi8(at(2), at(3));
    k[0] = _mm512_unpacklo_epi16(a, b);
    k[1] = _mm512_unpackhi_epi16(a, b);
  } else {
    const auto at = [&](int i) { return _mm256_loadu_si256((const __m256i*)row[i]); };
    const __m256i a =
        Half ? _mm256_unpackhi_epi8(at(0), at(1)) : _mm256_unpacklo_epi8(at(0), at(1));
    const __m256i b =
        Half ? _mm256_unpackhi_epi8(at(2), at(3)) : _mm256_unpacklo_epi8(at(2), at(3));
    const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_unpacklo_epi16(a, b)),
                                            _mm256_unpackhi_epi16(a, b), 1);
    const __m512i nibble = _mm512_set1_epi8(15);
    k[0] = _mm512_and_si512(both, nibble);
    k[1] = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
  }
}

// The sums of a group's columns, as `interleave` leaves them, in the order of the columns.
template <int Bits>
inline void in_order(float* columns) {
  __m512 v[4];
  for (int i = 0; i < 4; i++) v[i] = _mm512_loadu_ps(columns + i * kLanes);
  if constexpr (Bits == 8) {  // vector c, lane 4 * l + i: column 16 * l + 4 * c + i
    const __m512 a = _mm512_shuffle_f32x4(v[0], v[1], 0x44),
                 b = _mm512_shuffle_f32x4(v[2], v[3], 0x44);
    const __m512 c = _mm512_shuffle_f32x4(v[0], v[1], 0xee),
                 d = _mm512_shuffle_f32x4(v[2], v[3], 0xee);
    v[0] = _mm512_shuffle_f32x4(a, b, 0x88);
    v[1] = _mm512_shuffle_f32x4(a, b, 0xdd);
    v[2] = _mm512_shuffle_f32x4(c, d, 0x88);
    v[3] = _mm512_shuffle_f32x4(c, d, 0xdd);
  } else {  // vector 2 * z + n, lane 8 * c + 4 * l + i: column 32 * l + 16 * z + 8 * c + 2 * i + n
    const __m512i first =
        _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(4));
    const __m512 a = _mm512_permutex2var_ps(v[0], first, v[1]);
    const __m512 b = _mm512_permutex2var_ps(v[2], first, v[3]);
    const __m512 c = _mm512_permutex2var_ps(v[0], second, v[1]);
    const __m512 d = _mm512_permutex2var_ps(v[2], second, v[3]);
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
  }
  for (int i = 0; i < 4; i++) _mm512_storeu_ps(columns + i * kLanes, v[i]);
}

// Sums over keys of products of weights and codes, by row of queries, for half a group's columns.
template <int Bits, int R, int Half>
struct CodeSums {
  using Weights = CodeWeights<Bits, R>;
  __m512i high[R][2], low[R][2];

  // Those of number `j` of a step, whose codes lie in four rows.
  [[gnu::always_inline]] void add(const Weights& weights, int64_t step, int64_t j,
                                  const uint8_t* const (&row)[4]) {
    __m512i k[2];
    interleave<Bits, Half>(row, k);
    const int32_t *h = weights.high[step] + j * Weights::kRoom,
                  *l = weights.low[step] + j * Weights::kRoom;
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
      const __m512i x = _mm512_set1_epi32(h[r]), y = _mm512_set1_epi32(l[r]);
#pragma GCC unroll 2
      for (int i = 0; i < 2; i++) {
        high[r][i] = _mm512_dpbusd_epi32(high[r][i], k[i], x);
        low[r][i] = _mm512_dpbusd_epi32(low[r][i], k[i], y);
      }
    }
  }
};

// Adds half a group's columns to `out`.
template <int Bits, int R, int Half>
inline void add_code_values(const DecodeAttention& shape, const DecodeTile& tile, int64_t at,
                            const CodeWeights<Bits, R>& weights, const float* factors,
                            Fetcher& fetcher, float* out) {
  using Weights = CodeWeights<Bits, R>;
  constexpr int64_t kKeys = Weights::kKeys, kStepKeys = Weights::kStepKeys;
  const int64_t share = fetcher.share_of(kKeys * code_value_work<R>());
  const int64_t stride = shape.values.stride, count = tile.count;
  const uint8_t* values = static_cast<const uint8_t*>(tile.values) + at;
  CodeSums<Bits, R, Half> sums;
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) {
    sums.high[r][0] = sums.high[r][1] = _mm512_setzero_si512();
    sums.low[r][0] = sums.low[r][1] = _mm512_setzero_si512();
  }
  int64_t begin = 0, step = 0;
  for (; begin + kStepKeys <= count; begin += kStepKeys, step++) {
    fetcher.ask(share);
    const uint8_t* first = values + begin * stride;
    for (int64_t j = 0; j < kKeys; j++, first += stride) {
      const int64_t apart = kKeys * stride;
      sums.add(weights, step, j, {first, first + apart, first + 2 * apart, first + 3 * apart});
    }
  }
  for (int64_t j = 0; j < kKeys && begin + j < count; j++) {  // keys that are not have no weight
    const auto row = [&](int64_t m) {
      const int64_t key = begin + j + m * kKeys;
      return values + (key < count ? key : count - 1) * stride;
    };
    sums.add(weights, step, j, {row(0), row(1), row(2), row(3)});
  }
  const int64_t width = padded(shape.values.dim);
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
      float* to = out + r * width + (2 * Half + i) * kLanes;
      const __m512i both = _mm512_add_epi32(_mm512_slli_epi32(sums.high[r][i], 8), sums.low[r][i]);
      const Vec before = fma(F32::widen(to), splat(factors[r]), splat(weights.bias[r]));
      F32::narrow(fma(vector_of((IntVec)both), splat(weights.unit[r]), before), to);
    }
  }
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE
