#include "text/template/unicode.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include <utf8proc.h>

#include "text/template/budget.h"
#include "text/template/case_tables.h"

namespace mlxa::jinja {

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kSmallSigma = 0x3C3;
constexpr char32_t kFinalSigma = 0x3C2;
constexpr char32_t kCapitalDottedI = 0x130;  // its lower case is i with a dot above
constexpr char32_t kDotAbove = 0x307;

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

template <size_t N>
bool in_ranges(const CodePointRange (&ranges)[N], char32_t c) {
  auto after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                [](char32_t x, const CodePointRange& r) { return x < r.first; });
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

template <size_t N>
const CaseMapping* find_mapping(const CaseMapping (&table)[N], char32_t c) {
  auto found = std::lower_bound(std::begin(table), std::end(table), c,
                                [](const CaseMapping& m, char32_t x) { return m.from < x; });
  return found != std::end(table) && found->from == c ? &*found : nullptr;
}

template <size_t N>
void append_mapped(std::u32string& out, const CaseMapping (&table)[N], char32_t c, char32_t plain) {
  if (const CaseMapping* mapping = find_mapping(table, c)) {
    for (char32_t to : mapping->to) {
      if (to != 0) out += to;
    }
  } else {
    out += plain;
  }
}

void append_upper(std::u32string& out, char32_t c) {
  append_mapped(out, kUpperMappings, c, static_cast<char32_t>(utf8proc_toupper(c)));
}

void append_title(std::u32string& out, char32_t c) {
  append_mapped(out, kTitleMappings, c, static_cast<char32_t>(utf8proc_totitle(c)));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

// ASCII text with the letters from `first` to `last` in the other case.
std::string map_ascii(std::string_view text, char first, char last) {
  Budget::work(text.size());
  std::string out(text);
  for (char& c : out) c = c >= first && c <= last ? static_cast<char>(c ^ 0x20) : c;
  return out;
}

bool is_cased(char32_t c) { return is_lower(c) || is_upper(c) || is_title(c); }

// Characters that the rule for the final sigma looks through.
bool is_case_ignorable(char32_t c) {
  static constexpr char32_t kMarks[] = {0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,
                                        0x5F4,  0x2018, 0x2019, 0x2024, 0x2027, 0xFE13,
                                        0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return std::find(std::begin(kMarks), std::end(kMarks), c) != std::end(kMarks);
  }
}

// A capital sigma becomes the final form after a cased letter and before none.
char32_t lower_sigma(const std::u32string& text, size_t position) {
  size_t before = position;
  while (before > 0 && is_case_ignorable(text[before - 1])) before--;
  if (before == 0 || !is_cased(text[before - 1])) return kSmallSigma;
  size_t after = position + 1;
  while (after < text.size() && is_case_ignorable(text[after])) after++;
  return after < text.size() && is_cased(text[after]) ? kSmallSigma : kFinalSigma;
}

void append_lower(std::u32string& out, const std::u32string& text, size_t position) {
  char32_t c = text[position];
  if (c == kCapitalSigma) {
    out += lower_sigma(text, position);
  } else if (c == kCapitalDottedI) {
    out += U'i';
    out += kDotAbove;
  } else {
    out += static_cast<char32_t>(utf8proc_tolower(c));
  }
}

// Length of the well-formed sequence at `offset`, 0 if it is ill-formed.
size_t sequence_length(std::string_view text, size_t offset) {
  utf8proc_int32_t code_point;
  auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + offset,
                               static_cast<utf8proc_ssize_t>(text.size() - offset), &code_point);
  return size < 0 ? 0 : static_cast<size_t>(size);
}

}  // namespace

bool valid_utf8(std::string_view text) {
  for (size_t offset = 0; offset < text.size();) {
    size_t size = sequence_length(text, offset);
    if (size == 0) return false;
    offset += size;
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string result;
  for (size_t offset = 0; offset < text.size();) {
    size_t size = sequence_length(text, offset);
    if (size == 0) {
      append_utf8(result, kReplacement);
      offset++;
    } else {
      result += text.substr(offset, size);
      offset += size;
    }
  }
  return result;
}

size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

char32_t next_code_point(std::string_view text, size_t& offset) {
  auto byte = [&](size_t i) -> char32_t { return static_cast<unsigned char>(text[i]) & 0x3F; };
  unsigned char lead = static_cast<unsigned char>(text[offset]);
  if (lead < 0x80) {
    offset++;
    return lead;
  }
  if (lead < 0xE0) {
    offset += 2;
    return (lead & 0x1Fu) << 6 | byte(offset - 1);
  }
  if (lead < 0xF0) {
    offset += 3;
    return (lead & 0x0Fu) << 12 | byte(offset - 2) << 6 | byte(offset - 1);
  }
  offset += 4;
  return (lead & 0x07u) << 18 | byte(offset - 3) << 12 | byte(offset - 2) << 6 | byte(offset - 1);
}

void append_utf8(std::string& text, char32_t code_point) {
  utf8proc_uint8_t buffer[4];
  auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), buffer);
  text.append(reinterpret_cast<const char*>(buffer), static_cast<size_t>(size));
}

std::u32string to_utf32(std::string_view text) {
  Budget::steps(text.size() / 2);  // decoded, mapped and encoded again
  std::u32string result;
  result.reserve(text.size());
  for (size_t offset = 0; offset < text.size();) result += next_code_point(text, offset);
  return result;
}

std::string to_utf8(std::u32string_view text) {
  std::string result;
  result.reserve(text.size());
  for (char32_t c : text) append_utf8(result, c);
  return result;
}

size_t byte_offset(std::string_view text, size_t index) {
  size_t offset = 0;
  while (index > 0 && offset < text.size()) {
    next_code_point(text, offset);
    index--;
  }
  return offset;
}

bool is_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_alpha(char32_t c) {
  auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}

bool is_decimal(char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; }
bool is_digit(char32_t c) { return is_decimal(c) || in_ranges(kOtherDigit, c); }

bool is_numeric(char32_t c) {
  auto kind = category(c);
  return (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO) ||
         in_ranges(kOtherNumeric, c);
}

bool is_alnum(char32_t c) { return is_alpha(c) || is_numeric(c); }

bool is_lower(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LL || in_ranges(kOtherLower, c);
}

bool is_upper(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LU || in_ranges(kOtherUpper, c);
}

bool is_title(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LT; }

bool is_printable(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    case UTF8PROC_CATEGORY_ZS:
      return c == U' ';
    default:
      return true;
  }
}

bool is_identifier_start(char32_t c) {
  return c == U'_' || is_alpha(c) || category(c) == UTF8PROC_CATEGORY_NL;
}

bool is_identifier_part(char32_t c) {
  if (is_identifier_start(c) || is_decimal(c) || c == 0xB7) return true;
  auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_MC ||
         kind == UTF8PROC_CATEGORY_PC;
}

bool is_line_break(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

std::string upper(std::string_view text) {
  if (is_ascii(text)) return map_ascii(text, 'a', 'z');
  std::u32string out;
  for (char32_t c : to_utf32(text)) append_upper(out, c);
  return to_utf8(out);
}

std::string lower(std::string_view text) {
  if (is_ascii(text)) return map_ascii(text, 'A', 'Z');
  std::u32string in = to_utf32(text);
  std::u32string out;
  for (size_t i = 0; i < in.size(); i++) append_lower(out, in, i);
  return to_utf8(out);
}

std::string title(std::string_view text) {
  std::u32string in = to_utf32(text);
  std::u32string out;
  bool inside_word = false;
  for (size_t i = 0; i < in.size(); i++) {
    if (inside_word) {
      append_lower(out, in, i);
    } else {
      append_title(out, in[i]);
    }
    inside_word = is_cased(in[i]);
  }
  return to_utf8(out);
}

std::string capitalize(std::string_view text) {
  std::u32string in = to_utf32(text);
  std::u32string out;
  for (size_t i = 0; i < in.size(); i++) {
    if (i == 0) {
      append_title(out, in[i]);
    } else {
      append_lower(out, in, i);
    }
  }
  return to_utf8(out);
}

std::string swap_case(std::string_view text) {
  std::u32string in = to_utf32(text);
  std::u32string out;
  for (size_t i = 0; i < in.size(); i++) {
    if (is_upper(in[i])) {
      append_lower(out, in, i);
    } else if (is_lower(in[i])) {
      append_upper(out, in[i]);
    } else {
      out += in[i];
    }
  }
  return to_utf8(out);
}

std::string case_fold(std::string_view text) {
  utf8proc_uint8_t* folded = nullptr;
  auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                           static_cast<utf8proc_ssize_t>(text.size()), &folded, UTF8PROC_CASEFOLD);
  if (size < 0) return std::string(text);
  std::string result(reinterpret_cast<const char*>(folded), static_cast<size_t>(size));
  std::free(folded);
  return result;
}

std::string_view strip_space_left(std::string_view text) {
  size_t offset = 0;
  while (offset < text.size()) {
    size_t next = offset;
    if (!is_space(next_code_point(text, next))) break;
    offset = next;
  }
  return text.substr(offset);
}

std::string_view strip_space_right(std::string_view text) {
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) last--;
    size_t next = last;
    if (!is_space(next_code_point(text, next))) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

std::string_view strip_space(std::string_view text) {
  return strip_space_right(strip_space_left(text));
}

}  // namespace mlxa::jinja
