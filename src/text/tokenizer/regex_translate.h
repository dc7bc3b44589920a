// From the regular-expression dialect of tokenizer files (Oniguruma) to PCRE2.
#pragma once

#include <string>
#include <string_view>

namespace mlxa::tok {

struct TranslatedPattern {
  std::string pattern;      ///< For PCRE2 with UTF, UCP and MULTILINE.
  bool uses_start = false;  ///< Holds \G: the result depends on where the search starts.
};

/// Rewrites what the two dialects spell alike and read differently (\s \w \b \h \v, POSIX brackets,
/// nested and intersected classes, intervals with "+" or "?", inline options) and brings character
/// properties to Unicode 16. Known gaps: case-insensitive matching of one character against several
/// (ß against ss), \y and \Y, absent expressions, look-behind of unbounded length.
/// Malformed patterns come out malformed and are PCRE2's to reject. Throws Error kUnsupported, with
/// `where` as the place in the file.
TranslatedPattern translate_pattern(std::string_view pattern, std::string_view where);

}  // namespace mlxa::tok
