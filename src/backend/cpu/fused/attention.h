// Attention over keys and values that lie in blocks.
#pragma once

#include "backend/cpu/fused/common.h"

namespace mlxa::cpu {

/// Rows of keys or values: position t of head h lies in block t / block_size of its sequence.
struct KeyStore {
  const std::byte* data;
  StoredType type;
  int64_t dim;  ///< values of a row
  int64_t item;
  int64_t block_stride, head_stride, position_stride, dim_stride;  ///< items

  /// [blocks, heads, positions, dim], or rows of the format.
  explicit KeyStore(const array& a, const KVFormat& format = {});
  const std::byte* row(int64_t block, int64_t head, int64_t position) const {
    return data + (block * block_stride + head * head_stride + position * position_stride) * item;
  }
  /// `count` rows of one block from `position` on, as float32 padded with zeros. Gathers strided
  /// elements in kRowSlot.
  void load(int64_t block, int64_t head, int64_t position, int64_t count, float* to) const;
};

/// One call: everything the work on a tile needs to know.
struct AttentionCall {
  const array& q;  ///< [B, H, L, D]
  KeyStore keys, values;
  int64_t kv_heads;
  int64_t block_size;
  const array* table = nullptr;    ///< [B, max_blocks] int32; nullptr: block b is sequence b
  const array* offsets = nullptr;  ///< [B] int32; nullptr: `fixed_offset` for all
  int64_t fixed_offset = 0;        ///< position of query 0 of every sequence
  const array* mask = nullptr;     ///< any shape that broadcasts to [B, H, L, keys]
  const array* sinks = nullptr;    ///< [H]
  AttentionParams params;
  array& out;           ///< [B, H, L, Dv]
  bool rounds = false;  ///< Over codes, queries and weights may be rounded to 16 bits.
};

struct KeyRange {
  int64_t begin, end;
};

/// Position of the call's first query of sequence b.
int64_t offset_of(const AttentionCall& call, int64_t b);
/// The keys that sequence b has.
int64_t keys_of(const AttentionCall& call, int64_t b);
/// What the query at `position` may see of `keys`, masks aside.
KeyRange visible(const AttentionParams& params, int64_t position, int64_t keys);
/// Block that holds `position` of sequence b.
int64_t block_of(const AttentionCall& call, int64_t b, int64_t position);
/// The scaled query `row` (C order of the call's rows), padded with zeros.
void load_query(const AttentionCall& call, const Rows& queries, int64_t row, float* to);
/// Writes the result of such a row, from row r of `state`.
void store_row(const AttentionCall& call, int64_t row, const SoftmaxState& state, int64_t r);

/// States of several rows lie in one piece of memory.
inline SoftmaxState state_at(float* memory, int64_t rows, int64_t dim) {
  return {memory, memory + rows, memory + 2 * rows, dim};
}
void clear(const SoftmaxState& state, int64_t rows);
void merge_part(const SoftmaxState& part, int64_t rows, const SoftmaxState& into);

/// Computes the call. A query row's bits depend on its own values, position, keys and mask row
/// alone: key tiles and parts are cut at fixed positions, parts are merged in order. Two families:
/// `decode` (no mask; rows of keys and values contiguous) and everything else.
void attend(const AttentionCall& call);
void attend_decode(const AttentionCall& call);
/// Whether attend_decode takes the call.
bool can_decode(const AttentionCall& call);

}  // namespace mlxa::cpu
