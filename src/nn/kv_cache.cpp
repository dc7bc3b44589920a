#include "nn/kv_cache.h"

#include <algorithm>
#include <string>
#include <utility>

#include "mlxa/error.h"

namespace mlxa::nn {
namespace {

// The storage after the first `positions` of block `from` were written to block `to`.
array with_block_copied(const array& storage, int32_t from, int32_t to, int positions) {
  const array part = mx::slice(storage, {from, 0, 0, 0},
                               {from + 1, storage.shape(1), positions, storage.shape(3)});
  const array table({to}, {1, 1}, int32), offsets({0}, {1}, int32);
  return mx::fast::kv_append(storage, part, table, offsets);
}

}  // namespace

KVShape KVShape::quantized(int bits) const {
  // A head's row in one group or a few: 32 where 64 does not divide it.
  const int group = key_dim % 64 == 0 && value_dim % 64 == 0 ? 64 : 32;
  if (key_dim % group != 0 || value_dim % group != 0) {
    throw Error(ErrorCode::kUnsupported,
                "[kv] " + std::to_string(bits) + "-bit keys and values for heads of " +
                    std::to_string(key_dim) + " and " + std::to_string(value_dim) +
                    " values, expected multiples of 32",
                "Leave kv_bits (--kv-bits) out for this model.");
  }
  KVShape out = *this;
  out.dtype = uint8;
  out.format = {bits, group};
  return out;
}

KVShape KVShape::stored(bool exact, int bits) const {
  check_kv_bits(exact, bits);
  if (bits) return quantized(bits);
  KVShape out = *this;
  if (exact) out.dtype = float32;  // 16-bit keys would be the one rounding left
  return out;
}

void check_kv_bits(bool exact, int bits) {
  if (bits != 0 && bits != 4 && bits != 8) {
    throw Error(ErrorCode::kInvalidArgument,
                "[kv] kv_bits = " + std::to_string(bits) + ", expected 0, 4 or 8",
                "Choose 8 or 4 bits for keys and values, or 0 for the model's own type.");
  }
  if (exact && bits != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "[kv] exact, and kv_bits = " + std::to_string(bits) +
                    ": exact mode keeps keys and values in float32",
                "Leave out one of the two.");
  }
}

KVPool::KVPool(const KVShape& shape, int64_t positions) : shape_(shape) {
  const int blocks = static_cast<int>((positions + kBlockSize - 1) / kBlockSize);
  for (int layer = 0; layer < shape.layers; layer++) {
    for (auto [storages, dim] : {std::pair(&keys_, shape.key_dim), {&values_, shape.value_dim}}) {
      const Shape all{blocks, shape.heads, kBlockSize, shape.format.row_elements(dim)};
      storages->push_back(mx::fast::kv_storage(all, shape.dtype));
    }
  }
  references_.assign(static_cast<size_t>(blocks), 0);
  for (int block = blocks; block-- > 0;) free_.push_back(block);  // low blocks first
}

int32_t KVPool::acquire() {
  if (free_.empty()) {
    throw Error(ErrorCode::kOutOfMemory,
                "[kv] all " + std::to_string(blocks()) + " blocks of " +
                    std::to_string(kBlockSize) + " positions are in use",
                "End other sessions, or shorten the conversation.");
  }
  const int32_t block = free_.back();
  free_.pop_back();
  references_[static_cast<size_t>(block)] = 1;
  return block;
}

void KVPool::retain(int32_t block) { references_[static_cast<size_t>(block)]++; }

void KVPool::release(int32_t block) {
  if (--references_[static_cast<size_t>(block)] == 0) free_.push_back(block);
}

int32_t KVPool::copy_of(int32_t block, int positions) {
  const int32_t copy = acquire();
  try {
    std::vector<array> written;
    for (const auto* storages : {&keys_, &values_}) {
      for (const array& storage : *storages) {
        written.push_back(with_block_copied(storage, block, copy, positions));
      }
    }
    mx::eval(written);
    std::copy_n(written.begin(), keys_.size(), keys_.begin());
    std::copy_n(written.begin() + shape_.layers, values_.size(), values_.begin());
  } catch (...) {
    release(copy);
    throw;
  }
  bytes_copied_ += shape_.bytes_per_position() * static_cast<uint64_t>(positions);
  return copy;
}

void KVSequence::reserve(int64_t count) {
  const int64_t needed = (length_ + count + KVPool::kBlockSize - 1) / KVPool::kBlockSize;
  const size_t before = blocks_.size();
  const int tail = static_cast<int>(length_ % KVPool::kBlockSize);
  if (count > 0 && tail > 0 && pool_->is_shared(blocks_.back())) {
    const int32_t own = pool_->copy_of(blocks_.back(), tail);
    pool_->release(blocks_.back());
    blocks_.back() = own;
  }
  try {
    while (static_cast<int64_t>(blocks_.size()) < needed) blocks_.push_back(pool_->acquire());
  } catch (...) {
    while (blocks_.size() > before) {
      pool_->release(blocks_.back());
      blocks_.pop_back();
    }
    throw;
  }
}

void KVSequence::trim(int64_t length) {
  if (!pool_) return;  // moved from
  length_ = std::min(length_, length);
  const int64_t kept = (length_ + KVPool::kBlockSize - 1) / KVPool::kBlockSize;
  while (static_cast<int64_t>(blocks_.size()) > kept) {
    pool_->release(blocks_.back());
    blocks_.pop_back();
  }
}

KVSequence KVSequence::fork() const {
  KVSequence out(pool_);
  const int64_t full = length_ / KVPool::kBlockSize;
  for (int64_t i = 0; i < full; i++) {
    out.blocks_.push_back(blocks_[static_cast<size_t>(i)]);
    pool_->retain(out.blocks_.back());
  }
  out.length_ = full * KVPool::kBlockSize;
  if (const int tail = static_cast<int>(length_ - out.length_); tail > 0) {
    out.blocks_.push_back(pool_->copy_of(blocks_[static_cast<size_t>(full)], tail));
    out.length_ = length_;
  }
  return out;
}

KVStep::KVStep(const KVPool& pool, array table, array offsets)
    : table_(std::move(table)), offsets_(std::move(offsets)), format_(pool.shape().format) {
  for (int layer = 0; layer < pool.shape().layers; layer++) {
    keys_.push_back(pool.keys(layer));
    values_.push_back(pool.values(layer));
  }
}

array KVStep::attend(int layer, const array& q, const array& k, const array& v, float scale,
                     int window) {
  array& keys = keys_[static_cast<size_t>(layer)];
  array& values = values_[static_cast<size_t>(layer)];
  keys = mx::fast::kv_append(keys, k, table_, offsets_, format_);
  values = mx::fast::kv_append(values, v, table_, offsets_, format_);
  const AttentionParams params{
      scale, /*causal=*/true, window, /*has_mask=*/false, /*has_sinks=*/false, format_};
  return mx::fast::paged_attention(q, keys, values, table_, offsets_, params);
}

std::vector<array> KVStep::writes() const {
  std::vector<array> out = keys_;
  out.insert(out.end(), values_.begin(), values_.end());
  return out;
}

}  // namespace mlxa::nn
