// Attention of one position's query heads to stored keys and values; part of vector_kernels.inl.
// Each stored element is converted in registers and serves all rows at once. A tile's scores lie
// key by key, the rows of a key side by side, so that the softmax of all rows is one.
#include "backend/cpu/kernels/kv_codes.inl"

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

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

// Asks for the memory of rows [begin, end).
template <class T>
inline void fetch(const void* rows, const StoredRows& shape, int64_t begin, int64_t end) {
  constexpr int64_t kLine = 64;
  const int64_t bytes = T::bytes(shape.dim);
  if (shape.stride == bytes) {
    const char* p = row_at(rows, shape.stride, begin);
    const char* last = row_at(rows, shape.stride, end);
#pragma GCC unroll 4
    for (; p < last; p += kLine) __builtin_prefetch(p);
    return;
  }
  for (int64_t t = begin; t < end; t++) {
    const char* row = row_at(rows, shape.stride, t);
    for (int64_t at = 0; at < bytes; at += kLine) __builtin_prefetch(row + at);
  }
}
// Keys whose successors are fetched together.
constexpr int64_t kFetchKeys = 8;

// Products of R rows of queries with kLanes / room_for(R) keys, `stride` bytes apart: lane
// c * room + r is q[r] . key c. Rest: rows are not whole vectors.
template <class T, int R, bool Rest>
inline Vec decode_dots(const float* q, const char* keys, int64_t stride, int64_t dim) {
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

// scores[t * room + r] = q[r] . key t. Writes whole vectors.
template <class T, int R, bool Rest>
inline void decode_scores(const DecodeAttention& shape, const DecodeTile& tile, float* scores) {
  constexpr int kRoom = room_for(R), kKeys = kLanes / kRoom;
  const int64_t stride = shape.keys.stride, dim = shape.keys.dim, count = tile.count;
  const char* keys = static_cast<const char*>(tile.keys);
  const auto dots = [&](int64_t t, int64_t step) {
    const Vec products = decode_dots<T, R, Rest>(shape.q, keys + t * stride, step, dim);
    F32::narrow(products, scores + t * kRoom);
  };
  int64_t t = 0;
  for (; t + kKeys <= count; t += kKeys) {
    if (t % kFetchKeys == 0) {
      fetch<T>(tile.values, shape.values, t, t + kFetchKeys < count ? t + kFetchKeys : count);
    }
    dots(t, stride);
  }
  if (t == count) return;
  if (count >= kKeys) {
    dots(count - kKeys, stride);  // some once more
  } else {
    for (; t < count; t++) dots(t, 0);
  }
}

// Scores to weights against the new maximum; factors[r] is for what was gathered before.
template <int R>
inline void decode_softmax(float* scores, int64_t keys, DecodeState& state, float* factors) {
  constexpr int kRoom = room_for(R);
  const int64_t used = keys * kRoom;
  const int64_t whole = (used + kLanes - 1) / kLanes * kLanes;
  for (int64_t i = used; i < whole; i++) scores[i] = -INFINITY;
  const Vec before = F32::widen(state.max);
  Vec most = before;
  for (int64_t i = 0; i < whole; i += kLanes) most = max(F32::widen(scores + i), most);
  most = max_of_lanes<kRoom>(most);
  Vec total = {};
  for (int64_t i = 0; i < whole; i += kLanes) {
    const Vec weight = exp(F32::widen(scores + i) - most);
    F32::narrow(weight, scores + i);
    total += weight;
  }
  const Vec factor = exp(before - most);
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

// The work on the first columns fetches the next tile's keys.
template <class T, int R, int C, bool Part>
inline void decode_columns(const DecodeAttention& shape, const DecodeTile& tile,
                           const float* weights, const float* factors, int64_t d, int64_t rest,
                           float* out) {
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
  const bool fetches = d == 0 && tile.next_keys;
  for (int64_t t = 0; t < tile.count; t += kFetchKeys) {
    const int64_t count = tile.count - t < kFetchKeys ? tile.count - t : kFetchKeys;
    if (fetches) fetch<T>(tile.next_keys, shape.keys, t, t + count);
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
                          const float* weights, const float* factors, float* out) {
  // As many sums as registers hold beside the values.
  constexpr int kWide = kLanes == 16 ? (R <= 2 ? 8 : 4) : (R == 1 ? 8 : R == 2 ? 4 : 2);
  const int64_t dim = shape.values.dim;
  int64_t d = 0;
  for (; d + kWide * kLanes <= dim; d += kWide * kLanes) {
    decode_columns<T, R, kWide, false>(shape, tile, weights, factors, d, 0, out);
  }
  for (; d + kLanes <= dim; d += kLanes) {
    decode_columns<T, R, 1, false>(shape, tile, weights, factors, d, 0, out);
  }
  if (!T::kWholeVectors && d < dim) {
    decode_columns<T, R, 1, true>(shape, tile, weights, factors, d, dim - d, out);
  }
}

void decode_tile(const DecodeAttention& shape, const DecodeTile& tile,
                 DecodeState& state) noexcept {
  alignas(MLXA_VECTOR_BYTES) float scores[kDecodeKeys * kDecodeRows + kLanes];
  alignas(MLXA_VECTOR_BYTES) float factors[kLanes];
  by_stored(shape.type, [&](auto row) {
    by_count(shape.rows, [&](auto count) {
      using T = decltype(row);
      constexpr int kRows = decltype(count)::value;
      if (T::kWholeVectors || shape.keys.dim % kLanes == 0) {
        decode_scores<T, kRows, false>(shape, tile, scores);
      } else {
        decode_scores<T, kRows, !T::kWholeVectors>(shape, tile, scores);
      }
      decode_softmax<kRows>(scores, tile.count, state, factors);
      decode_values<T, kRows>(shape, tile, scores, factors, state.out);
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
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE
