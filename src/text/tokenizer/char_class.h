// Character properties and bracket expressions of Oniguruma patterns, as PCRE2 class items.
#pragma once

#include <string>
#include <string_view>

namespace mlxa::tok {

/// What stands between the brackets of a PCRE2 class, and whether the set is its complement.
struct ClassItems {
  std::string items;
  bool negated = false;

  std::string as_class() const { return (negated ? "[^" : "[") + items + "]"; }
};

/// The set of \p{NAME}; `name` as written (a leading ^ negates). Unknown names pass through for
/// PCRE2 to judge.
ClassItems property_items(std::string_view name, bool negated);

/// The set of [:NAME:]; empty items if there is no such POSIX bracket.
ClassItems posix_items(std::string_view name);

/// The set of a class escape (one of s S w W d D h H); empty items for any other letter.
/// Oniguruma's \w differs by context: outside brackets it has a few Latin-1 numbers too.
ClassItems escape_items(char letter, bool in_brackets);

/// The bracket expression at pattern[position] == '[', as PCRE2 text that matches one character.
/// Moves position past it. Throws Error kUnsupported if nested too deeply.
std::string translate_class(std::string_view pattern, size_t& position, std::string_view where);

/// A literal escape (\n, \x{..}, \uHHHH, \., ...) at pattern[position] == '\\', as PCRE2 text;
/// moves position past it.
std::string translate_literal_escape(std::string_view pattern, size_t& position,
                                     std::string_view where);

}  // namespace mlxa::tok
