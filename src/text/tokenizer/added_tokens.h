// Added tokens: texts that are found before anything else happens to the input.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "text/tokenizer/component.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/vocabulary.h"

namespace mlxa::tok {

struct AddedToken {
  std::string content;
  bool single_word = false;  ///< Not next to a word character.
  bool lstrip = false;       ///< Takes the white space before it.
  bool rstrip = false;       ///< Takes the white space after it.
  bool normalized = true;    ///< Looked for in normalized text.
  bool special = false;
  /// What decoders see: the content, normalized if the token is. As in the reference, decoding
  /// skips a special token only if this is the content of one.
  std::string decoded;
};

/// A stretch of text, or one added token.
struct Segment {
  size_t begin, end;
  int32_t id;  ///< kNoToken for text.
};

/// Finds the leftmost of several texts, the longest where some start together.
class TextMatcher {
 public:
  struct Match {
    size_t begin, end, index;
  };

  /// Of equal texts the first counts, empty ones never match.
  explicit TextMatcher(const std::vector<std::string>& texts);
  bool empty() const { return sorted_.empty(); }
  std::optional<Match> find(std::string_view text, size_t from) const;

 private:
  struct Entry {
    std::string text;
    size_t index;
  };
  std::optional<Match> longest_at(std::string_view text, size_t begin) const;

  std::vector<Entry> sorted_;
  std::array<uint32_t, 257> first_{};  // where the entries of each first byte start
};

/// Immutable: may be used from any thread.
class AddedTokens {
 public:
  /// From the array of the file (or null). The file's ids do not count, as in the reference: a
  /// token has the model's id of its content, and the others count up from the size of the
  /// vocabulary. Throws Error kInvalidFile or kUnsupported.
  AddedTokens(const Json& tokens, const Vocabulary& vocabulary, const Normalizer* normalizer);

  /// Cuts raw text at the tokens that are not normalized; normalized text at the others. Segments
  /// of text are never empty.
  std::vector<Segment> split_raw(std::string_view text) const { return split(text, raw_); }
  std::vector<Segment> split_normalized(std::string_view text) const {
    return split(text, normalized_);
  }

  /// kNoToken if absent.
  int32_t find(const std::string& content) const;
  /// Null if absent.
  const AddedToken* token(int32_t id) const;
  /// True for a token, added or not, that has the content of a special one.
  bool is_special(std::string_view content) const;
  int32_t largest_id() const { return largest_id_; }

 private:
  struct Finder {
    TextMatcher matcher;
    std::vector<int32_t> ids;  // by index of the matcher
  };

  Finder make_finder(bool normalized) const;
  std::vector<Segment> split(std::string_view text, const Finder& finder) const;

  std::vector<AddedToken> tokens_;                // the last of each content
  std::vector<int32_t> order_;                    // ids in the order of the file
  std::unordered_map<std::string, int32_t> ids_;  // by content
  std::unordered_map<int32_t, size_t> by_id_;     // index into tokens_
  std::unordered_set<std::string> special_;
  int32_t largest_id_ = kNoToken;
  Finder raw_, normalized_;
};

}  // namespace mlxa::tok
