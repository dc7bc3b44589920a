// Attention over keys and values that lie in blocks.
#pragma once

#include "backend/cpu/fused/common.h"

namespace mlxa::cpu {

/// Rows of keys or values: position t of head h lies in block t / block_size of its sequence.
struct KeyStore {
  const std::byte* data;
  FloatType type;
  int64_t dim;
  int64_t block_stride, head_stride, position_stride, dim_stride;  ///< elements

  explicit KeyStore(const array& a);  ///< [blocks, heads, positions, dim]
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
  array& out;  ///< [B, H, L, Dv]
};

/// Computes the call. A query row's bits depend on its own values, position, keys and mask row
/// alone: key tiles and parts are cut at fixed positions, parts are merged in order.
void attend(const AttentionCall& call);

}  // namespace mlxa::cpu
