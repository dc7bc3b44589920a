#include "text/tokenizer/piece_cache.h"

namespace mlxa::tok {

PieceCache::Shard& PieceCache::shard_of(std::string_view piece) {
  // The map uses the low bits of the same hash.
  return shards_[(Hash{}(piece) >> 32) % kShards];
}

bool PieceCache::find(std::string_view piece, std::vector<int32_t>& ids) {
  Shard& shard = shard_of(piece);
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.pieces.find(piece);
  if (it == shard.pieces.end()) return false;
  ids.insert(ids.end(), it->second.begin(), it->second.end());
  return true;
}

void PieceCache::insert(std::string_view piece, const int32_t* ids, size_t count) {
  Shard& shard = shard_of(piece);
  const std::lock_guard lock(shard.mutex);
  if (shard.pieces.size() >= kMaxPerShard) shard.pieces.clear();
  shard.pieces.insert_or_assign(std::string(piece), std::vector<int32_t>(ids, ids + count));
}

}  // namespace mlxa::tok
