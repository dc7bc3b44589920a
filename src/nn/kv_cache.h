// Keys and values of past tokens. A pool owns the memory of all sequences in blocks of positions; a
// sequence owns a list of blocks; a step shows some sequences to the model.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "nn/platform.h"

namespace mlxa::nn {

/// What a model stores per position.
struct KVShape {
  int layers;
  int heads;
  int key_dim;
  int value_dim;
  Dtype dtype;           ///< Of the storage: uint8 where there is a format.
  KVFormat format = {};  ///< See quantized.

  /// Bytes of one position over all layers.
  size_t bytes_per_position() const {
    const int row = format.row_elements(key_dim) + format.row_elements(value_dim);
    return static_cast<size_t>(layers) * heads * row * dtype.size();
  }
  /// The same with codes of 8 or 4 bits. Throws Error kUnsupported where 32 does not divide the
  /// dimensions.
  KVShape quantized(int bits) const;
  /// The same as an engine stores it: in float32 where it computes exactly, else with codes of
  /// `bits`, or as it is where they are 0. Throws as check_kv_bits and quantized.
  KVShape stored(bool exact, int bits) const;
};

/// Throws Error kInvalidArgument unless bits are 0, 4 or 8, and 0 where `exact`.
void check_kv_bits(bool exact, int bits);

/// Blocks of key and value memory, shared by reference counts: sequences with the same beginning
/// hold the same blocks. Address space is reserved at once and memory is taken as blocks are first
/// written, so storage never moves and never is copied to grow. Not thread-safe: its engine locks.
class KVPool {
 public:
  static constexpr int kBlockSize = 128;  // positions

  /// Room for `positions` in all. Throws Error kOutOfMemory where the address space is refused.
  KVPool(const KVShape& shape, int64_t positions);

  const KVShape& shape() const { return shape_; }
  int blocks() const { return static_cast<int>(references_.size()); }
  int free_blocks() const { return static_cast<int>(free_.size()); }

  /// A block with one reference. Throws Error kOutOfMemory where none is free.
  int32_t acquire();
  void retain(int32_t block);
  bool is_shared(int32_t block) const { return references_[static_cast<size_t>(block)] > 1; }
  void release(int32_t block);

  /// A new block with the first `positions` of `block`: the copy of copy-on-write. Counted.
  int32_t copy_of(int32_t block, int positions);
  /// Bytes that copy_of has moved.
  uint64_t bytes_copied() const { return bytes_copied_; }

  /// Storage of a layer, [blocks, heads, kBlockSize, dim] or rows of the shape's format.
  const array& keys(int layer) const { return keys_[static_cast<size_t>(layer)]; }
  const array& values(int layer) const { return values_[static_cast<size_t>(layer)]; }

 private:
  KVShape shape_;
  std::vector<array> keys_, values_;
  std::vector<int32_t> references_;
  std::vector<int32_t> free_;
  uint64_t bytes_copied_ = 0;
};

/// One sequence's positions in a pool. Moves; copying is fork.
class KVSequence {
 public:
  explicit KVSequence(std::shared_ptr<KVPool> pool) : pool_(std::move(pool)) {}
  ~KVSequence() { trim(0); }
  KVSequence(KVSequence&& other) noexcept = default;
  KVSequence& operator=(KVSequence&& other) noexcept = delete;

  int64_t length() const { return length_; }
  std::span<const int32_t> blocks() const { return blocks_; }

  /// Makes room for positions length() .. length() + count - 1, which nobody else will see written
  /// (an unfinished block that others hold is copied first). Throws Error kOutOfMemory and changes
  /// nothing where the pool is exhausted.
  void reserve(int64_t count);
  /// Counts `count` more positions as written.
  void advance(int64_t count) { length_ += count; }
  /// Forgets all but the first `length` positions.
  void trim(int64_t length);
  /// A sequence with the same positions: full blocks are shared, the unfinished one is copied.
  KVSequence fork() const;

 private:
  std::shared_ptr<KVPool> pool_;
  std::vector<int32_t> blocks_;
  int64_t length_ = 0;
};

/// What a model sees of the caches while it builds one step: storage, block table [B, max_blocks]
/// and offsets [B] as arrays, so that a step's graph serves every later step of the same shape.
class KVStep {
 public:
  KVStep(const KVPool& pool, array table, array offsets);

  /// Positions of the rows' first new token, int32 [B].
  const array& offsets() const { return offsets_; }

  /// Stores k and v [B, heads, L, dim] of a layer and attends with q [B, q_heads, L, dim] to all
  /// positions so far, causally. `window` 0: no limit.
  array attend(int layer, const array& q, const array& k, const array& v, float scale, int window);

  /// The storages after the step's writes: whoever evaluates the step evaluates these too.
  std::vector<array> writes() const;

 private:
  std::vector<array> keys_, values_;
  array table_, offsets_;
  KVFormat format_;
};

}  // namespace mlxa::nn
