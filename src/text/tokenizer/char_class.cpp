#include "text/tokenizer/char_class.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <vector>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "text/tokenizer/component.h"
#include "text/tokenizer/unicode.h"
#include "text/tokenizer/unicode_tables.h"

namespace mlxa::tok {
namespace {

constexpr size_t kMaxClassNesting = 16;

constexpr const char* kSpace =
    R"(\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
// Alphabetic symbols.
constexpr const char* kCircled =
    R"(\x{24b6}-\x{24e9}\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189})";
// Numbers that \w has outside brackets only.
constexpr const char* kLatinNumbers = R"(\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";
// Ideographs that are newer than PCRE2 10.42.
constexpr const char* kRecentHan = R"(\x{2b739}\x{2ebf0}-\x{2ee5d}\x{31350}-\x{323af})";

void append_range(std::string& items, char32_t first, char32_t last) {
  char text[32];
  const auto low = static_cast<unsigned>(first), high = static_cast<unsigned>(last);
  if (first == last) {
    std::snprintf(text, sizeof text, "\\x{%x}", low);
  } else {
    std::snprintf(text, sizeof text, "\\x{%x}-\\x{%x}", low, high);
  }
  items += text;
}

// \p{CATEGORY} and the code points that newer versions of Unicode have added to it.
std::string category_items(const std::string& category) {
  std::string items = "\\p{" + category + "}";
  char32_t first = 0, last = 0;
  for (const CategoryRange& range : kRecentCategories) {
    if (range.category[0] != category[0]) continue;
    if (category.size() == 2 && range.category[1] != category[1]) continue;
    if (first != 0 && range.first == last + 1) {
      last = range.last;
      continue;
    }
    if (first != 0) append_range(items, first, last);
    first = range.first;
    last = range.last;
  }
  if (first != 0) append_range(items, first, last);
  return items;
}

std::string alphabetic_items() {
  return "\\p{Alphabetic}" + category_items("L") + category_items("Nl") + kCircled;
}

std::string word_items() {
  return category_items("L") + category_items("M") + category_items("Nd") + category_items("Nl") +
         category_items("Pc") + kCircled;
}

// Property names are compared without case, spaces, hyphens and underscores.
std::string loose(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

struct LongName {
  const char* name;
  const char* category;
};

constexpr std::array<LongName, 36> kLongNames{{
    {"letter", "L"},
    {"uppercaseletter", "Lu"},
    {"lowercaseletter", "Ll"},
    {"titlecaseletter", "Lt"},
    {"modifierletter", "Lm"},
    {"otherletter", "Lo"},
    {"mark", "M"},
    {"combiningmark", "M"},
    {"nonspacingmark", "Mn"},
    {"spacingmark", "Mc"},
    {"enclosingmark", "Me"},
    {"number", "N"},
    {"decimalnumber", "Nd"},
    {"letternumber", "Nl"},
    {"othernumber", "No"},
    {"punctuation", "P"},
    {"connectorpunctuation", "Pc"},
    {"dashpunctuation", "Pd"},
    {"openpunctuation", "Ps"},
    {"closepunctuation", "Pe"},
    {"initialpunctuation", "Pi"},
    {"finalpunctuation", "Pf"},
    {"otherpunctuation", "Po"},
    {"symbol", "S"},
    {"mathsymbol", "Sm"},
    {"currencysymbol", "Sc"},
    {"modifiersymbol", "Sk"},
    {"othersymbol", "So"},
    {"separator", "Z"},
    {"spaceseparator", "Zs"},
    {"lineseparator", "Zl"},
    {"paragraphseparator", "Zp"},
    {"other", "C"},
    {"control", "Cc"},
    {"format", "Cf"},
    {"privateuse", "Co"},
}};

// The category that a loose name means, or nothing.
std::string category_of(const std::string& name) {
  for (const LongName& entry : kLongNames) {
    if (name == entry.name) return entry.category;
    if (name == loose(entry.category)) return entry.category;
  }
  return {};
}

bool compiles(const std::string& pattern) {
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
  pcre2_code_free(code);
  return code != nullptr;
}

// A bracket expression while it is read: the union of items and alternatives, intersected with the
// terms that && has closed.
struct ClassReader {
  std::string_view pattern;
  size_t& position;
  std::string_view where;

  bool at(std::string_view text) const { return pattern.substr(position).starts_with(text); }
  std::string read(size_t depth);
  bool read_posix(ClassItems& set);
  ClassItems read_escape();
};

// A set that is the union of plain items and of whole sub-expressions.
struct Union {
  std::string items;
  std::vector<std::string> alternatives;

  void add(const ClassItems& set) {
    if (set.negated) {
      alternatives.push_back(set.as_class());
    } else {
      items += set.items;
    }
  }

  std::string text() const {
    if (alternatives.empty()) return items.empty() ? "(?!)" : "[" + items + "]";
    std::string out = "(?:";
    if (!items.empty()) out += "[" + items + "]|";
    for (size_t i = 0; i < alternatives.size(); ++i) out += (i > 0 ? "|" : "") + alternatives[i];
    return out + ")";
  }
};

bool ClassReader::read_posix(ClassItems& set) {
  const size_t end = pattern.find(":]", position + 2);
  if (end == std::string_view::npos) return false;
  std::string_view name = pattern.substr(position + 2, end - position - 2);
  const bool negated = name.starts_with('^');
  if (negated) name.remove_prefix(1);
  set = posix_items(name);
  if (set.items.empty()) return false;
  set.negated = negated;
  position = end + 2;
  return true;
}

ClassItems ClassReader::read_escape() {
  const char letter = position + 1 < pattern.size() ? pattern[position + 1] : '\0';
  ClassItems set = escape_items(letter, true);
  if (!set.items.empty()) {
    position += 2;
    return set;
  }
  if ((letter == 'p' || letter == 'P') && pattern.substr(position + 2).starts_with('{')) {
    const size_t end = pattern.find('}', position);
    if (end != std::string_view::npos) {
      set = property_items(pattern.substr(position + 3, end - position - 3), letter == 'P');
      position = end + 1;
      return set;
    }
  }
  if (letter == 'b') {
    position += 2;
    return {"\\x08"};
  }
  return {translate_literal_escape(pattern, position, where)};
}

std::string ClassReader::read(size_t depth) {
  if (depth > kMaxClassNesting) {
    fail_unsupported(where, "a pattern with deeply nested brackets",
                     "at most " + std::to_string(kMaxClassNesting) + " levels");
  }
  ++position;  // [
  const bool negated = at("^");
  if (negated) ++position;
  Union current;
  std::string others;  // look-aheads for the terms before the last &&
  if (at("]")) {       // as first character a literal
    current.items += "\\]";
    ++position;
  }
  bool after_set = false;  // a hyphen after a set makes no range
  while (position < pattern.size() && !at("]")) {
    const size_t before = position;
    ClassItems set;
    if (at("[:") && read_posix(set)) {
      current.add(set);
    } else if (at("[")) {
      current.alternatives.push_back(read(depth + 1));
    } else if (at("&&")) {
      position += 2;
      others += "(?=" + current.text() + ")";
      current = {};
    } else if (at("\\")) {
      current.add(read_escape());
    } else if (at("^") || (at("-") && after_set)) {
      current.items += '\\';
      current.items += pattern[position++];
    } else {
      const size_t size = sequence_length(static_cast<unsigned char>(pattern[position]));
      current.items += pattern.substr(position, size);
      position += size;
    }
    after_set =
        pattern[before] == '[' ||
        (pattern[before] == '\\' &&
         std::string_view("sSwWdDhHpP").find(pattern[before + 1]) != std::string_view::npos);
  }
  if (position >= pattern.size()) {
    fail_invalid(where, "has the pattern " + in_quotes(pattern) + " with an open bracket",
                 "a regular expression");
  }
  ++position;  // ]
  if (others.empty() && current.alternatives.empty()) {
    return ClassItems{current.items, negated}.as_class();
  }
  if (negated) return "(?:(?!" + others + current.text() + ")(?s:.))";
  return others.empty() ? current.text() : "(?:" + others + current.text() + ")";
}

}  // namespace

ClassItems property_items(std::string_view name, bool negated) {
  if (name.starts_with('^')) {
    negated = !negated;
    name.remove_prefix(1);
  }
  const std::string key = loose(name);
  const std::string found = category_of(key);
  if (!found.empty()) return {category_items(found), negated};
  if (key == "alphabetic") return {alphabetic_items(), negated};
  if (key == "punct") return {category_items("P"), negated};
  if (key == "han") return {std::string("\\p{sc:Han}") + kRecentHan, negated};
  if (key == "any") return {"\\x{0}-\\x{10ffff}", negated};
  if (ClassItems posix = posix_items(key); !posix.items.empty()) {
    posix.negated = posix.negated != negated;
    return posix;
  }
  // A script by itself; PCRE2 would take the characters that the script shares with others too.
  const std::string script = "\\p{sc:" + std::string(name) + "}";
  return {compiles(script) ? script : "\\p{" + std::string(name) + "}", negated};
}

ClassItems posix_items(std::string_view name) {
  if (name == "alpha") return {alphabetic_items()};
  if (name == "alnum") return {alphabetic_items() + category_items("Nd")};
  if (name == "blank") return {"\\t\\p{Zs}"};
  if (name == "cntrl") return {"\\p{Cc}"};
  if (name == "digit") return {category_items("Nd")};
  if (name == "lower") return {"\\p{Lowercase}" + category_items("Ll")};
  if (name == "upper") return {"\\p{Uppercase}" + category_items("Lu")};
  if (name == "punct") return {category_items("P") + category_items("S")};
  if (name == "space") return {kSpace};
  if (name == "xdigit") return {"0-9A-Fa-f"};
  if (name == "word") return {word_items()};
  if (name == "ascii") return {"\\x00-\\x7f"};
  const std::string visible = category_items("L") + category_items("M") + category_items("N") +
                              category_items("P") + category_items("S") + category_items("Cf") +
                              "\\p{Co}";
  if (name == "graph") return {visible};
  if (name == "print") return {visible + "\\p{Zs}"};
  return {};
}

ClassItems escape_items(char letter, bool in_brackets) {
  const bool negated = letter >= 'A' && letter <= 'Z';
  switch (std::tolower(static_cast<unsigned char>(letter))) {
    case 's':
      return {kSpace, negated};
    case 'w':
      return {word_items() + (in_brackets ? "" : kLatinNumbers), negated};
    case 'd':
      return {category_items("Nd"), negated};
    case 'h':
      return {"0-9A-Fa-f", negated};
    default:
      return {};
  }
}

std::string translate_class(std::string_view pattern, size_t& position, std::string_view where) {
  return ClassReader{pattern, position, where}.read(1);
}

std::string translate_literal_escape(std::string_view pattern, size_t& position,
                                     std::string_view where) {
  const std::string_view rest = pattern.substr(position + 1);
  const auto take = [&](size_t count) {
    const std::string_view taken = pattern.substr(position, count);
    position += taken.size();
    return taken;
  };
  if (rest.empty()) return std::string(take(1));
  const char letter = rest[0];
  if (letter == 'u') {
    const bool hex = rest.size() >= 5 && rest.find_first_not_of("0123456789abcdefABCDEF", 1) >= 5;
    if (!hex) return std::string(take(2).substr(1));
    return "\\x{" + std::string(take(6).substr(2)) + "}";
  }
  if (letter == 'v') {
    take(2);
    return "\\x0b";
  }
  if (letter == 'c' || letter == 'C' || letter == 'M') {
    fail_unsupported(where, "the pattern " + in_quotes(pattern) + " with control or meta escapes",
                     "\\x{...}");
  }
  const auto lead = static_cast<unsigned char>(letter);
  if (lead >= 0x80) return std::string(take(1 + sequence_length(lead)).substr(1));
  if ((letter == 'x' || letter == 'o') && rest.size() > 1 && rest[1] == '{') {
    const size_t end = rest.find('}');
    return std::string(take(end == std::string_view::npos ? 2 : end + 2));
  }
  if (letter == 'x') {
    const size_t digits = rest.substr(0, 3).find_first_not_of("0123456789abcdefABCDEF", 1);
    return std::string(
        take(digits == std::string_view::npos ? 1 + std::min<size_t>(rest.size(), 3) : 1 + digits));
  }
  const bool known = std::string_view("aefnrt").find(letter) != std::string_view::npos;
  // Escaped letters without a meaning stand for themselves.
  if (std::isalpha(lead) && !known) return std::string(take(2).substr(1));
  return std::string(take(2));
}

}  // namespace mlxa::tok
