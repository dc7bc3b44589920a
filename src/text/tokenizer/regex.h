// Regular expressions of tokenizer files, run by PCRE2 within limits.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mlxa::tok {

/// Immutable: may be used from any thread.
class Regex {
 public:
  /// Compiles a pattern in Oniguruma's syntax. Throws Error kUnsupported, naming the pattern and
  /// `where` it stands in the file, for what PCRE2 cannot do.
  Regex(std::string_view pattern, std::string_view where);

 private:
  friend class RegexSearch;
  struct Code;
  std::shared_ptr<const Code> code_;
};

/// Finds the matches in one text after the other. Not thread-safe. The regex must outlive it.
class RegexSearch {
 public:
  explicit RegexSearch(const Regex& regex);
  ~RegexSearch();
  RegexSearch(const RegexSearch&) = delete;
  RegexSearch& operator=(const RegexSearch&) = delete;

  /// Starts on a text, which must be valid UTF-8.
  void start(std::string_view text);

  /// The next match; empty ones do not follow another match directly. Throws Error kUnsupported
  /// where the pattern needs more steps or memory on this text than the limits allow.
  bool next(size_t& begin, size_t& end);

 private:
  struct State;
  bool find_from(size_t start, size_t& begin, size_t& end);
  int match(size_t start);

  std::unique_ptr<State> state_;
};

}  // namespace mlxa::tok
