// Remembers the ids of short pieces of text.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mlxa::tok {

/// Bounded, and locked by shard: may be used from any thread.
class PieceCache {
 public:
  static constexpr size_t kMaxPieceBytes = 64;

  /// Appends the ids of `piece` and returns true if they are known.
  bool find(std::string_view piece, std::vector<int32_t>& ids);
  void insert(std::string_view piece, const int32_t* ids, size_t count);

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kMaxPerShard = 2048;

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view piece) const { return std::hash<std::string_view>{}(piece); }
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::vector<int32_t>, Hash, std::equal_to<>> pieces;
  };

  Shard& shard_of(std::string_view piece);

  std::array<Shard, kShards> shards_;
};

}  // namespace mlxa::tok
