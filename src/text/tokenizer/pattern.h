// Patterns of Split and Replace, and cutting text at their matches.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer/component.h"
#include "text/tokenizer/regex.h"

namespace mlxa::tok {

/// A stretch of text: a match, or what lies between two.
struct Cut {
  size_t begin, end;
  bool is_match;
};

/// A literal text or a regular expression. Immutable.
class Pattern {
 public:
  /// From {"String": text} or {"Regex": pattern}. Throws Error kInvalidFile or kUnsupported.
  static Pattern from_json(const Json& value, const std::string& where);
  static Pattern regex(std::string_view pattern, std::string_view where);

  /// The literal, if it is one and not empty.
  const std::optional<std::string>& literal() const { return literal_; }

 private:
  friend class Cutter;
  std::optional<std::string> literal_;
  std::optional<Regex> regex_;
};

/// Cuts texts by one pattern, with buffers that are reused. Not thread-safe.
class Cutter {
 public:
  explicit Cutter(const Pattern& pattern);

  /// Appends the cuts of a text, from its start to its end.
  void cut(std::string_view text, std::vector<Cut>& cuts);

 private:
  const Pattern& pattern_;
  std::optional<RegexSearch> search_;
};

/// The text with `content` in the place of every match. Throws Error kInvalidArgument if that is
/// longer than kMaxTextBytes.
std::string replace_matches(std::string_view text, const std::vector<Cut>& cuts,
                            std::string_view content);

}  // namespace mlxa::tok
