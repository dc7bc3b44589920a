// Byte-pair encoding, by characters or by bytes that stand for characters.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "text/tokenizer/model.h"
#include "text/tokenizer/piece_cache.h"

namespace mlxa::tok {

/// The merges of a model: for a pair of ids the rank and the id of their concatenation.
class MergeTable {
 public:
  struct Entry {
    uint64_t pair = kEmpty;
    uint32_t rank = 0;
    int32_t id = 0;
  };

  explicit MergeTable(size_t expected);
  /// A pair that is there already is overwritten.
  void insert(int32_t left, int32_t right, uint32_t rank, int32_t id);
  /// Null where the two do not merge.
  const Entry* find(int32_t left, int32_t right) const;

 private:
  static constexpr uint64_t kEmpty = UINT64_MAX;
  size_t slot_of(uint64_t pair) const;

  std::vector<Entry> entries_;  // open addressing, a power of two
};

class Bpe final : public Model {
 public:
  struct Options {
    std::optional<std::string> unknown_token;
    std::string continuing_prefix, end_suffix;
    bool fuse_unknown = false;
    bool byte_fallback = false;
    bool ignore_merges = false;  ///< A piece that is a token needs no merges.
  };

  /// Throws Error kInvalidFile where a merge names tokens that do not exist.
  Bpe(Vocabulary vocabulary, const MergeList& merges, Options options);

  void encode(std::string_view piece, ModelScratch& scratch,
              std::vector<int32_t>& ids) const override;

 private:
  void add_merge(std::string_view left, std::string_view right, uint32_t rank);
  int32_t initial_id(std::string_view character, bool first, bool last) const;
  bool append_bytes(std::string_view character, bool first, bool last, ModelScratch& scratch) const;
  void start(std::string_view piece, ModelScratch& scratch) const;
  void merge(ModelScratch& scratch) const;

  Options options_;
  MergeTable merges_;
  int32_t unknown_id_ = kNoToken;
  std::array<int32_t, 0x180> low_ids_;  // of one-character tokens, by code point
  std::array<int32_t, 256> byte_ids_;   // of "<0xHH>"
  mutable PieceCache cache_;
};

}  // namespace mlxa::tok
