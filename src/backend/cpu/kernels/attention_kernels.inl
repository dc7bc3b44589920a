// The pieces of attention; part of vector_kernels.inl. Blocking over rows and keys never changes
// the order in which an element's terms are added, so that it never changes a bit.

namespace mlxa::cpu::MLXA_VECTOR_SPACE {
namespace {

// Elements of the keys that are turned at a time: a tile of them lies in the first cache.
constexpr int64_t kTurned = 64;

// out[d][t]: elements [0, count) of `keys` rows; further rows repeat the last.
inline void turn(const float* k, int64_t keys, int64_t dim, int64_t count, float* out) {
  for (int64_t t = 0; t < kKeyTile; t += kLanes) {
    for (int64_t d = 0; d < count; d += kLanes) {
      Vec v[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) {
        const int64_t key = t + i < keys ? t + i : keys - 1;
        v[i] = F32::widen(k + key * dim + d);
      }
      transpose(v);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) F32::narrow(v[i], out + (d + i) * kKeyTile + t);
    }
  }
}

// Scores of R rows with C vectors of keys, over `count` elements, which are summed by themselves;
// First: the first of all elements.
template <int R, int C, bool First>
inline void add_scores(const float* q, const float* turned, int64_t dim, int64_t count,
                       float* scores) {
  Vec sum[R][C];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 2
    for (int c = 0; c < C; c++) sum[r][c] = Vec{};
  }
  for (int64_t d = 0; d < count; d++) {
    Vec k[C];
#pragma GCC unroll 2
    for (int c = 0; c < C; c++) k[c] = F32::widen(turned + d * kKeyTile + c * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      const Vec x = splat(q[r * dim + d]);
#pragma GCC unroll 2
      for (int c = 0; c < C; c++) sum[r][c] = fma(x, k[c], sum[r][c]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 2
    for (int c = 0; c < C; c++) {
      float* to = scores + r * kKeyTile + c * kLanes;
      F32::narrow(First ? sum[r][c] : F32::widen(to) + sum[r][c], to);
    }
  }
}

template <int R, bool First>
inline void score_rows(const float* q, const float* turned, int64_t dim, int64_t count,
                       float* scores) {
  for (int64_t t = 0; t < kKeyTile; t += 2 * kLanes) {
    add_scores<R, 2, First>(q, turned + t, dim, count, scores + t);
  }
}

template <bool First>
inline void score_all(const float* q, int64_t rows, const float* turned, int64_t dim, int64_t count,
                      float* scores) {
  constexpr int kRows = kLanes == 16 ? 8 : 6;  // as many sums as registers hold
  int64_t r = 0;
  for (; r + kRows <= rows; r += kRows) {
    score_rows<kRows, First>(q + r * dim, turned, dim, count, scores + r * kKeyTile);
  }
  for (; r + 2 <= rows; r += 2) {
    score_rows<2, First>(q + r * dim, turned, dim, count, scores + r * kKeyTile);
  }
  if (r < rows) score_rows<1, First>(q + r * dim, turned, dim, count, scores + r * kKeyTile);
}

void scores(const float* q, int64_t rows, const float* k, int64_t keys, int64_t dim,
            float* out) noexcept {
  alignas(MLXA_VECTOR_BYTES) float turned[kTurned * kKeyTile];
  for (int64_t d = 0; d < dim; d += kTurned) {
    const int64_t count = dim - d < kTurned ? dim - d : kTurned;
    turn(k + d, keys, dim, count, turned);
    if (d == 0) {
      score_all<true>(q, rows, turned, dim, count, out);
    } else {
      score_all<false>(q + d, rows, turned, dim, count, out);
    }
  }
}

// What sums of weights against `max` are multiplied by when they come to be against `new_max`.
inline float decay(float max, float new_max) {
  return max == new_max ? 1.0f : weights_of(splat(max - new_max))[0];
}

// Scores of keys [t, t + kLanes), -infinity outside [begin, end).
inline Vec visible_scores(const float* row, int64_t t, int64_t begin, int64_t end) {
  const Vec all = F32::widen(row + t);
  if (begin <= t && t + kLanes <= end) return all;
  IntVec key;
  for (int i = 0; i < kLanes; i++) key[i] = static_cast<int>(t) + i;
  const Vec none = splat(-INFINITY);
  const Vec before_end = key < static_cast<int>(end) ? all : none;
  return key < static_cast<int>(begin) ? none : before_end;
}

float softmax_step(float* row, int64_t begin, int64_t end, float* max_so_far, float* sum) noexcept {
  constexpr int kVectors = kKeyTile / kLanes;
  Vec scores[kVectors];
  Vec most = splat(*max_so_far);
#pragma GCC unroll 8
  for (int i = 0; i < kVectors; i++) {
    scores[i] = visible_scores(row, i * kLanes, begin, end);
    most = max(scores[i], most);
  }
  const float new_max = max_lanes(most);
  if (new_max == -INFINITY) {  // nothing seen so far
    for (int64_t t = 0; t < kKeyTile; t += kLanes) F32::narrow(Vec{}, row + t);
    return 1.0f;
  }
  Vec total = {};
#pragma GCC unroll 8
  for (int i = 0; i < kVectors; i++) {
    const Vec weight = weights_of(scores[i] - new_max);
    F32::narrow(weight, row + i * kLanes);
    total += weight;
  }
  const float factor = decay(*max_so_far, new_max);
  *max_so_far = new_max;
  *sum = *sum * factor + sum_lanes(total);
  return factor;
}

// R rows, columns [d, d + C vectors).
template <int R, int C>
inline void accumulate_block(const float* weights, const float* factors, const float* v,
                             int64_t begin, int64_t end, int64_t dim, float* out) {
  Vec sum[R][C];
  for (int r = 0; r < R; r++) {
    for (int c = 0; c < C; c++) sum[r][c] = F32::widen(out + r * dim + c * kLanes) * factors[r];
  }
  for (int64_t t = begin; t < end; t++) {
    Vec value[C];
    for (int c = 0; c < C; c++) value[c] = F32::widen(v + t * dim + c * kLanes);
    for (int r = 0; r < R; r++) {
      const Vec w = splat(weights[r * kKeyTile + t]);
      for (int c = 0; c < C; c++) sum[r][c] = fma(w, value[c], sum[r][c]);
    }
  }
  for (int r = 0; r < R; r++) {
    for (int c = 0; c < C; c++) F32::narrow(sum[r][c], out + r * dim + c * kLanes);
  }
}

template <int R>
inline void accumulate_rows(const float* weights, const float* factors, const float* v,
                            int64_t begin, int64_t end, int64_t dim, float* out) {
  constexpr int kWide = R == 1 ? 8 : kLanes == 16 ? 4 : 2;
  int64_t d = 0;
  for (; d + kWide * kLanes <= dim; d += kWide * kLanes) {
    accumulate_block<R, kWide>(weights, factors, v + d, begin, end, dim, out + d);
  }
  for (; d < dim; d += kLanes) {
    accumulate_block<R, 1>(weights, factors, v + d, begin, end, dim, out + d);
  }
}

void accumulate(const float* weights, const float* factors, int64_t rows, const float* v,
                int64_t begin, int64_t end, int64_t dim, float* out) noexcept {
  constexpr int kRows = 4;
  int64_t r = 0;
  for (; r + kRows <= rows; r += kRows) {
    accumulate_rows<kRows>(weights + r * kKeyTile, factors + r, v, begin, end, dim, out + r * dim);
  }
  for (; r < rows; r++) {
    accumulate_rows<1>(weights + r * kKeyTile, factors + r, v, begin, end, dim, out + r * dim);
  }
}

void merge(float* max_so_far, float* sum, float* out, float part_max, float part_sum,
           const float* part_out, int64_t dim) noexcept {
  if (part_max == -INFINITY) return;
  const float new_max = part_max > *max_so_far ? part_max : *max_so_far;
  const float old_factor = decay(*max_so_far, new_max), part_factor = decay(part_max, new_max);
  *max_so_far = new_max;
  *sum = *sum * old_factor + part_sum * part_factor;
  for (int64_t d = 0; d < dim; d += kLanes) {
    const Vec part = F32::widen(part_out + d) * part_factor;
    F32::narrow(fma(F32::widen(out + d), splat(old_factor), part), out + d);
  }
}

void finish(float max_seen, float sum, const float* out, const float* sink, FloatType type,
            int64_t n, void* to) noexcept {
  float factor = 0.0f;
  if (max_seen != -INFINITY) {
    float scale = 1.0f;
    if (sink) {
      const float top = *sink > max_seen ? *sink : max_seen;
      scale = exp_one(max_seen - top);
      sum = sum * scale + exp_one(*sink - top);
    }
    factor = scale / sum;
  }
  by_type(type, [=](auto tag) {
    using T = decltype(tag);
    auto* y = static_cast<Row<T>>(to);
    for (int64_t i = 0; i < n; i += kLanes) {
      narrow_up_to<T>(widen_up_to<F32>(out + i, n - i) * factor, y + i, n - i);
    }
  });
}

}  // namespace
}  // namespace mlxa::cpu::MLXA_VECTOR_SPACE
