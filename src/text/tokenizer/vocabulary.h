// Tokens of a model and their ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer/document.h"

namespace mlxa::tok {

inline constexpr int32_t kNoToken = -1;

/// Immutable after construction. Look-ups by text cost one hash and usually one comparison.
class Vocabulary {
 public:
  Vocabulary() = default;
  /// Throws Error kInvalidFile for ids out of range and for two tokens of one id. Of two entries
  /// with the same token the last counts.
  explicit Vocabulary(const std::vector<VocabularyEntry>& entries);

  /// Number of tokens.
  size_t size() const { return count_; }
  /// kNoToken if none.
  int32_t largest_id() const { return static_cast<int32_t>(extents_.size()) - 1; }
  /// kNoToken if absent.
  int32_t find(std::string_view token) const;
  bool contains(int32_t id) const;
  /// The token of an id that exists.
  std::string_view token(int32_t id) const;

 private:
  struct Extent {
    uint32_t offset = 0;
    uint32_t size = kAbsent;
  };
  struct Slot {
    uint32_t hash = 0;
    int32_t id = kNoToken;
  };
  static constexpr uint32_t kAbsent = UINT32_MAX;

  Slot& slot_for(std::string_view token, uint32_t hash);

  std::string text_;             // all tokens, one after the other
  std::vector<Extent> extents_;  // by id
  std::vector<Slot> slots_;      // open addressing, a power of two
  size_t count_ = 0;
};

}  // namespace mlxa::tok
