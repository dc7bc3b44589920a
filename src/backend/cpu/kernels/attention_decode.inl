// Attention of one position's query heads to stored keys and values; part of vector_kernels.inl.
// Each stored element is converted in registers and serves all rows at once. A tile's scores lie
// key by key, the rows of a key side by side, so that the softmax of all rows is one.
#include "backend/cpu/kernels/fetch.h"
#include "backend/cpu/kernels/kv_codes.inl"

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

// exp(x) of x <= 0, or 0 where that would hardly be a normal number: a processor may take a hundred
// times as long for those, and beside the largest weight, which is 1, they are nothing.
constexpr float kLeastExponent = -87.0f;
inline Vec weights_of(Vec x) {
  const Vec least = splat(kLeastExponent);
  const Vec weights = exp(x < least ? least : x);
  return x < least ? Vec{} : weights;
}

// Rows as they are counted in a vector: a power of two, the last of three rows' four is empty.
constexpr int room_for(int rows) { return rows == 3 ? 4 : rows; }

// Elements of a stored row. What `open` fetches holds for kShared elements.
template <class T>
struct FloatRow {
  static constexpr int64_t kShared = kLanes;
  static constexpr bool kWholeVectors = false;
  ConstRow<T> elements;
  static int64_t bytes(int64_t dim) { return dim * static_cast<int64_t>(sizeof(*elements)); }
  FloatRow() = default;
  FloatRow(const void* row, int64_t) : elements(static_cast<ConstRow<T>>(row)) {}
  void open(int64_t) {}
  Vec get(int64_t d) const { return T::widen(elements + d); }
  Vec get_part(int64_t d, int64_t count) const { return widen_part<T>(elements + d, count); }
};

// fn(kind of row, as a value)
template <class F>
inline void by_stored(const StoredType& type, F fn) {
  if (type.bits) return by_codes(type, fn);
  by_type(type.type, [&](auto tag) { fn(FloatRow<decltype(tag)>{}); });
}

template <int N>
struct Count {
  static constexpr int value = N;
};

// fn(number of rows, as a constant)
template <class F>
inline void by_count(int64_t rows, F fn) {
  switch (rows) {
    case 1:
      return fn(Count<1>{});
    case 2:
      return fn(Count<2>{});
    case 3:
      return fn(Count<3>{});
    default:
      return fn(Count<4>{});
  }
}

inline const char* row_at(const void* rows, int64_t stride, int64_t t) {
  return static_cast<const char*>(rows) + t * stride;
}

// Asks for the memory of the next tile while a tile is worked on: a little at a time, since memory
// makes up for no time that it was not asked in, and a processor whose requests are all out waits.
// A place asks for as many lines each time, some of them twice, so that no branch is guessed wrong.
class Fetcher {
 public:
  // Rows of `key_bytes` and `value_bytes`. `work`: all of it, in units of the caller's.
  Fetcher(const DecodeAttention& shape, const DecodeTile& tile, int64_t key_bytes,
          int64_t value_bytes, float work) {
    if (!tile.next_keys || !tile.next_values) return;
    at_ = static_cast<const char*>(tile.next_keys);
    next_ = static_cast<const char*>(tile.next_values);
    if (shape.keys.stride == key_bytes && shape.values.stride == value_bytes) {
      end_ = at_ + tile.count * key_bytes;
      per_work_ = static_cast<float>(tile.count * (key_bytes + value_bytes)) / work;
      return;
    }
    for (int64_t t = 0; t < tile.count; t++) {
      fetch_lines(at_ + t * shape.keys.stride, key_bytes);
      fetch_lines(next_ + t * shape.values.stride, value_bytes);
    }
  }
  // What to ask for during so much work, in bytes.
  int64_t share_of(float work) const {
    return per_work_ > 0 ? static_cast<int64_t>(work * per_work_) + 1 : 0;
  }
  [[gnu::always_inline]] void ask(int64_t share) {
    fetch_lines(at_, share);
    at_ += share;
    if (at_ >= end_ && next_) {
      at_ = next_;
      next_ = nullptr;
    }
  }

 private:
  const char *at_ = nullptr, *end_ = nullptr, *next_ = nullptr;
  float per_work_ = 0;
};

// Whether scores are made for enough keys at once to ask for several lines within each row.
constexpr bool kAsksOften = kLanes >= 16;

// Products of R rows of queries with kLanes / room_for(R) keys, `stride` bytes apart: lane
// c * room + r is q[r] . key c. Rest: rows are not whole vectors. `share`: to fetch meanwhile.
template <class T, int R, bool Rest>
inline Vec decode_dots(const float* q, const char* keys, int64_t stride, int64_t dim, int64_t share,
                       Fetcher& fetcher) {
  constexpr int kRoom = room_for(R), kKeys = kLanes / kRoom;
  const int64_t step = padded(dim);
  T key[kKeys];
  for (int c = 0; c < kKeys; c++) key[c] = T(keys + c * stride, dim);
  Vec sum[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) sum[i] = Vec{};
  const auto add = [&](int64_t d, const Vec(&k)[kKeys]) __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
      const Vec x = F32::widen(q + r * step + d);
#pragma GCC unroll 16
      for (int c = 0; c < kKeys; c++) sum[c * kRoom + r] = fma(x, k[c], sum[c * kRoom + r]);
    }
  };
  Vec k[kKeys];
  int64_t d = 0;
  if (!Rest || kLanes <= dim) {  // a row is not empty: the compiler keeps the sums in registers
    do {
      if (kAsksOften) fetcher.ask(share);
#pragma GCC unroll 16
      for (int c = 0; c < kKeys; c++) key[c].open(d);
      for (const int64_t end = d + T::kShared; d < end; d += kLanes) {
#pragma GCC unroll 16
        for (int c = 0; c < kKeys; c++) k[c] = key[c].get(d);
        add(d, k);
      }
    } while (d + kLanes <= dim);
  }
  if constexpr (Rest) {
    for (int c = 0; c < kKeys; c++) k[c] = key[c].get_part(d, dim - d);
    add(d, k);
  }
  return sum_each(sum);
}

// About how many vectors of arithmetic the parts of a tile are: a vector of scores, a vector of
// weights, a key's values.
template <int R>
constexpr float score_work(int64_t dim) {
  constexpr int kReduction = 3 * kLanes;
  const int64_t vectors = dim / room_for(R);
  return static_cast<float>((R + 1) * vectors + kReduction);
}
// Vectors that the scores of `keys` take.
template <int R>
constexpr int64_t score_vectors(int64_t keys) {
  return (keys * room_for(R) + kLanes - 1) / kLanes;
}
constexpr float kWeightWork = 26;
template <int R>
constexpr float value_work(int64_t dim) {
  return static_cast<float>((R + 1) * dim) / kLanes;
}

// scores[t * room + r] = q[r] . key t. dots(Count<N>, t, stride, to) writes N whole vectors of
// them, from those of key t on; N is kTogether, or 1 at the end.
template <int R, int kTogether, class F>
inline void score_tile(const DecodeAttention& shape, const DecodeTile& tile, float* scores,
                       F dots) {
  constexpr int kRoom = room_for(R), kKeys = kLanes / kRoom;
  const int64_t stride = shape.keys.stride, count = tile.count;
  const auto run = [&](auto together, int64_t t) {
    dots(together, t, stride, scores + t * kRoom);
    return t + together.value * kKeys;
  };
  int64_t t = 0;
  while (t + kTogether * kKeys <= count) t = run(Count<kTogether>{}, t);
  while (kTogether > 1 && t + kKeys <= count) t = run(Count<1>{}, t);
  if (t == count) return;
  if (count >= kKeys) {  // some once more
    dots(Count<1>{}, count - kKeys, stride, scores + (count - kKeys) * kRoom);
  } else {
    for (; t < count; t++) dots(Count<1>{}, t, 0, scores + t * kRoom);
  }
}

template <class T, int R, bool Rest>
inline void decode_scores(const DecodeAttention& shape, const DecodeTile& tile, Fetcher& fetcher,
                          float* scores) {
  const int64_t dim = shape.keys.dim;
  // Of a vector of scores, or of what a row shares.
  const float part = kAsksOften ? static_cast<float>(T::kShared) / static_cast<float>(dim) : 1.0f;
  const int64_t share = fetcher.share_of(score_work<R>(dim) * part);
  const char* keys = static_cast<const char*>(tile.keys);
  const auto dots = [&](auto, int64_t t, int64_t step, float* to) {
    const char* first = keys + t * shape.keys.stride;
    if (!kAsksOften) fetcher.ask(share);
    F32::narrow(decode_dots<T, R, Rest>(shape.q, first, step, dim, share, fetcher), to);
  };
  score_tile<R, 1>(shape, tile, scores, dots);
}

// Scores to weights against the new maximum; factors[r] is for what was gathered before.
template <int R>
inline void decode_softmax(float* scores, int64_t keys, Fetcher& fetcher, DecodeState& state,
                           float* factors) {
  constexpr int kRoom = room_for(R);
  const int64_t used = keys * kRoom;
  const int64_t whole = (used + kLanes - 1) / kLanes * kLanes;
  for (int64_t i = used; i < whole; i++) scores[i] = -INFINITY;
  const Vec before = F32::widen(state.max);
  Vec most = before;
  for (int64_t i = 0; i < whole; i += kLanes) most = max(F32::widen(scores + i), most);
  most = max_of_lanes<kRoom>(most);
  const int64_t share = fetcher.share_of(kWeightWork);
  Vec total = {};
  for (int64_t i = 0; i < whole; i += kLanes) {
    fetcher.ask(share);
    const Vec weight = weights_of(F32::widen(scores + i) - most);
    F32::narrow(weight, scores + i);
    total += weight;
  }
  const Vec factor = weights_of(before - most);
  F32::narrow(factor, factors);
  F32::narrow(most, state.max);
  F32::narrow(fma(F32::widen(state.sum), factor, total), state.sum);
}

// Adds weighted values [begin, end) to the sums of R rows, columns [d, d + C vectors). Part: only
// the first `rest` of the columns exist.
template <class T, int R, int C, bool Part>
[[gnu::always_inline]] inline void add_values(const DecodeAttention& shape, const char* values,
                                              int64_t count, const float* weights, int64_t d,
                                              int64_t rest, Vec (&sum)[R][C]) {
  for (int64_t t = 0; t < count; t++) {
    T row(values, shape.values.dim);
    Vec value[C];
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
      if (c * kLanes % T::kShared == 0) row.open(d + c * kLanes);
      value[c] = Part ? row.get_part(d, rest) : row.get(d + c * kLanes);
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
      const Vec weight = splat(weights[r]);
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) sum[r][c] = fma(weight, value[c], sum[r][c]);
    }
    values += shape.values.stride;
    weights += room_for(R);
  }
}

template <class T, int R, int C, bool Part>
inline void decode_columns(const DecodeAttention& shape, const DecodeTile& tile,
                           const float* weights, const float* factors, int64_t d, int64_t rest,
                           Fetcher& fetcher, float* out) {
  constexpr int64_t kTogether = 4;  // keys between two looks at the fetcher
  const int64_t share = fetcher.share_of(kTogether * value_work<R>(C * kLanes));
  const int64_t step = padded(shape.values.dim);
  Vec sum[R][C];
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
      sum[r][c] = F32::widen(out + r * step + d + c * kLanes) * factors[r];
    }
  }
  const char* values = static_cast<const char*>(tile.values);
  for (int64_t t = 0; t < tile.count; t += kTogether) {
    const int64_t count = tile.count - t < kTogether ? tile.count - t : kTogether;
    fetcher.ask(share);
    add_values<T, R, C, Part>(shape, values + t * shape.values.stride, count,
                              weights + t * room_for(R), d, rest, sum);
  }
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) F32::narrow(sum[r][c], out + r * step + d + c * kLanes);
  }
}

template <class T, int R>
inline void decode_values(const DecodeAttention& shape, const DecodeTile& tile,
                          const float* weights, const float* factors, Fetcher& fetcher,
                          float* out) {
  // As many sums as registers hold beside the values.
  constexpr int kWide = kLanes == 16 ? (R <= 2 ? 8 : 4) : (R == 1 ? 8 : R == 2 ? 4 : 2);
  const int64_t dim = shape.values.dim;
  int64_t d = 0;
  for (; d + kWide * kLanes <= dim; d += kWide * kLanes) {
    decode_columns<T, R, kWide, false>(shape, tile, weights, factors, d, 0, fetcher, out);
  }
  for (; d + kLanes <= dim; d += kLanes) {
    decode_columns<T, R, 1, false>(shape, tile, weights, factors, d, 0, fetcher, out);
  }
  if (!T::kWholeVectors && d < dim) {
    decode_columns<T, R, 1, true>(shape, tile, weights, factors, d, dim - d, fetcher, out);
  }
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE

#include "backend/cpu/kernels/attention_codes.inl"

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

void decode_tile(const DecodeAttention& shape, const DecodeTile& tile,
                 DecodeState& state) noexcept {
  if (multiplies_codes(shape)) return decode_codes(shape, tile, state);
  alignas(MLXA_VECTOR_BYTES) float scores[kDecodeKeys * kDecodeRows + kLanes];
  alignas(MLXA_VECTOR_BYTES) float factors[kLanes];
  by_stored(shape.type, [&](auto row) {
    by_count(shape.rows, [&](auto count) {
      using T = decltype(row);
      constexpr int kRows = decltype(count)::value;
      const auto vectors = static_cast<float>(score_vectors<kRows>(tile.count));
      const float work = vectors * (score_work<kRows>(shape.keys.dim) + kWeightWork) +
                         static_cast<float>(tile.count) * value_work<kRows>(shape.values.dim);
      Fetcher fetcher(shape, tile, T::bytes(shape.keys.dim), T::bytes(shape.values.dim), work);
      if (T::kWholeVectors || shape.keys.dim % kLanes == 0) {
        decode_scores<T, kRows, false>(shape, tile, fetcher, scores);
      } else {
        decode_scores<T, kRows, !T::kWholeVectors>(shape, tile, fetcher, scores);
      }
      decode_softmax<kRows>(scores, tile.count, fetcher, state, factors);
      decode_values<T, kRows>(shape, tile, scores, factors, fetcher, state.out);
    });
  });
}

void decode_total(const DecodeAttention& shape, DecodeState& state) noexcept {
  const int64_t room = shape.rows == 3 ? 4 : shape.rows;
  for (int64_t r = 0; r < shape.rows; r++) {
    float sum = 0;
    for (int64_t i = r; i < kLanes; i += room) sum += state.sum[i];
    state.sum[r] = sum;
  }
  if (multiplies_codes(shape)) order_columns(shape, state.out);
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE
