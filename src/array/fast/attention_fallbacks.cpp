// Attention in plain ops: all scores at once.
#include <limits>

#include "array/fast/fallbacks.h"
#include "array/ops/common.h"

namespace mlxa {
namespace {

const float kNever = -std::numeric_limits<float>::infinity();

// What a query may see apart from masks: positions of queries [B or 1, L, 1] and the number of keys
// [B or 1, 1, 1], int32. Result [B or 1, 1, L, S].
array seen_by_position(const AttentionParams& params, const array& position, const array& count,
                       int keys, StreamOrDevice s) {
  const array key = reshape(arange(0.0, keys, int32, s), {1, 1, keys}, s);
  array seen = less(key, count, s);
  if (params.causal) seen = logical_and(seen, less_equal(key, position, s), s);
  if (params.window > 0) {
    const array first = subtract(position, array(params.window, int32), s);
    seen = logical_and(seen, greater(key, first, s), s);
  }
  seen = broadcast_to(seen, broadcast_shapes(seen.shape(), {1, position.shape(1), keys}), s);
  return expand_dims(seen, 1, s);
}

// Softmax of scores [B, H, L, S] with one more logit per head; rows without any are zero.
array weights_of(const array& scores, const array* sinks, StreamOrDevice s) {
  array top = max(scores, -1, true, s);
  const array any = greater(top, array(kNever), s);
  const array sink = sinks ? reshape(astype(*sinks, float32, s), {1, -1, 1, 1}, s) : array(0.0f);
  if (sinks) top = maximum(top, sink, s);
  top = where(greater(top, array(kNever), s), top, array(0.0f), s);
  const array raised = exp(subtract(scores, top, s), s);
  array total = sum(raised, -1, true, s);
  if (sinks) total = add(total, exp(subtract(sink, top, s), s), s);
  return where(any, divide(raised, total, s), array(0.0f), s);
}

// q [B, H, L, D], k and v [B, Hkv, S, ..]; `seen` broadcasts to [B, H, L, S].
array attention_graph(const array& q, const array& k, const array& v, const array& seen,
                      const AttentionParams& params, const array* mask, const array* sinks,
                      StreamOrDevice s) {
  const int batch = q.shape(0), heads = q.shape(1), length = q.shape(2), kv_heads = k.shape(1);
  const int group = heads / kv_heads, keys = k.shape(2);
  const array scaled = multiply(astype(q, float32, s), array(params.scale), s);
  const array grouped = reshape(scaled, {batch, kv_heads, group * length, q.shape(3)}, s);
  array scores = matmul(grouped, swapaxes(astype(k, float32, s), -1, -2, s), s);
  scores = reshape(scores, {batch, heads, length, keys}, s);
  if (mask && mask->dtype() == bool_) {
    scores = where(*mask, scores, array(kNever), s);
  } else if (mask) {
    scores = add(scores, astype(*mask, float32, s), s);
  }
  scores = where(seen, scores, array(kNever), s);
  const array weights =
      reshape(weights_of(scores, sinks, s), {batch, kv_heads, group * length, keys}, s);
  const array out = matmul(weights, astype(v, float32, s), s);
  return astype(reshape(out, {batch, heads, length, v.shape(3)}, s), q.dtype(), s);
}

// Rows [..., bytes] of codes as float32.
array decoded(const array& rows, const KVFormat& format, StreamOrDevice s) {
  const int dim = format.values_of(rows.shape(-1)), groups = dim / format.group;
  const std::vector<array> parts = split(rows, Shape{dim * format.bits / 8}, -1, s);
  Shape shape = rows.shape();
  shape.back() = dim;
  array codes = parts[0];
  if (format.bits == 4) {
    const array four(4, uint8), low(15, uint8);
    codes =
        reshape(stack({bitwise_and(codes, low, s), right_shift(codes, four, s)}, -1, s), shape, s);
  }
  Shape grouped(shape.begin(), shape.end() - 1);
  grouped.insert(grouped.end(), {groups, 2});
  const array factors = reshape(view(contiguous(parts[1], false, s), bfloat16, s), grouped, s);
  const std::vector<array> each = split(astype(factors, float32, s), 2, -1, s);
  grouped.back() = format.group;
  const array steps = reshape(astype(codes, float32, s), grouped, s);
  return reshape(add(multiply(steps, each[0], s), each[1], s), shape, s);
}

// The blocks of each sequence one after the other: [B, heads, max_blocks * block_size, dim], zero
// from position counts[b] on, where memory may hold anything.
array laid_out(const array& storage, const KVFormat& format, const array& table,
               const array& counts, StreamOrDevice s) {
  const int batch = table.shape(0), blocks = table.shape(1);
  const int keys = blocks * storage.shape(2);
  const array named = clip(table, array(0, int32), array(storage.shape(0) - 1, int32), s);
  const array rows = transpose(take(storage, named, 0, s), {0, 2, 1, 3, 4}, s);
  array flat = reshape(rows, {batch, storage.shape(1), keys, storage.shape(3)}, s);
  if (format.bits) flat = decoded(flat, format, s);
  const array position = reshape(arange(0.0, keys, int32, s), {1, 1, keys, 1}, s);
  const array written = less(position, reshape(counts, {batch, 1, 1, 1}, s), s);
  return where(written, flat, array(0.0f, flat.dtype()), s);
}

}  // namespace

std::vector<array> fallback_sdpa(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const AttentionParams& params = params_of<ScaledDotProductAttention>(primitive);
  const int length = in[0].shape(2), keys = in[1].shape(2);
  const array position =
      reshape(arange(double(keys - length), double(keys), int32, s), {1, length, 1}, s);
  const array count = full({1, 1, 1}, keys, int32, s);
  return {attention_graph(in[0], in[1], in[2], seen_by_position(params, position, count, keys, s),
                          params, params.has_mask ? &in[3] : nullptr,
                          params.has_sinks ? &in[params.has_mask ? 4 : 3] : nullptr, s)};
}

std::vector<array> fallback_paged_attention(const Primitive& primitive,
                                            const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const AttentionParams& params = params_of<PagedAttention>(primitive).attention;
  const int batch = in[0].shape(0), length = in[0].shape(2);
  const array counts = add(in[4], array(length, int32), s);
  const array k = laid_out(in[1], params.kv, in[3], counts, s);
  const array v = laid_out(in[2], params.kv, in[3], counts, s);
  const array step = reshape(arange(0.0, length, int32, s), {1, length, 1}, s);
  const array position = add(reshape(in[4], {batch, 1, 1}, s), step, s);
  const array seen =
      seen_by_position(params, position, reshape(counts, {batch, 1, 1}, s), k.shape(2), s);
  return {attention_graph(in[0], k, v, seen, params, params.has_mask ? &in[5] : nullptr,
                          params.has_sinks ? &in[params.has_mask ? 6 : 5] : nullptr, s)};
}

}  // namespace mlxa
