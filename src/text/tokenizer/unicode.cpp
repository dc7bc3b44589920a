#include "text/tokenizer/unicode.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include <utf8proc.h>

#include "text/tokenizer/unicode_tables.h"

namespace mlxa::tok {
namespace {

template <size_t N>
bool contains(const CodePointRange (&ranges)[N], char32_t c) {
  const auto* range = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                       [](char32_t x, const auto& r) { return x < r.first; });
  return range != std::begin(ranges) && c <= std::prev(range)->last;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

// Starters that are their own NFC and NFKC form and compose only with what is outside this set.
bool is_inert(char32_t c) {
  return c < 0xA0 || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA) ||
         (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3);
}

bool is_composed(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (!is_inert(next_code_point(text, i))) return false;
  }
  return true;
}

const CategoryRange* recent_category(char32_t c) {
  const auto* range = std::upper_bound(std::begin(kRecentCategories), std::end(kRecentCategories),
                                       c, [](char32_t x, const auto& r) { return x < r.first; });
  if (range == std::begin(kRecentCategories) || c > std::prev(range)->last) return nullptr;
  return std::prev(range);
}

// True for what stays as it is and where it is: what the reference's normal forms do not know yet,
// and the one filler before the Hangul finals, which utf8proc 2.8 composes wrongly.
bool is_barrier(char32_t c) {
  constexpr char32_t kBeforeHangulFinals = 0x11A7;
  return c >= 0x300 && (c == kBeforeHangulFinals || contains(kNormalFormNotYet, c) ||
                        recent_category(c) != nullptr);
}

using CodePoints = std::vector<utf8proc_int32_t>;

void append_decomposed(CodePoints& points, char32_t c, bool compatible) {
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
                                                      (compatible ? UTF8PROC_COMPAT : 0));
  utf8proc_int32_t parts[32];  // 18 is the longest decomposition
  int bound_class = 0;
  const auto point = static_cast<utf8proc_int32_t>(c);
  const auto count = utf8proc_decompose_char(point, parts, std::size(parts), options, &bound_class);
  if (count < 0 || count > static_cast<utf8proc_ssize_t>(std::size(parts))) {
    points.push_back(point);
  } else {
    points.insert(points.end(), parts, parts + count);
  }
}

// Puts runs of combining marks into canonical order. (utf8proc's own ordering is quadratic.)
void order_marks(CodePoints& points) {
  const auto combining_class = [](utf8proc_int32_t c) {
    return utf8proc_get_property(c)->combining_class;
  };
  for (size_t i = 0; i < points.size();) {
    if (combining_class(points[i]) == 0) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < points.size() && combining_class(points[end]) != 0) ++end;
    std::stable_sort(points.begin() + static_cast<ptrdiff_t>(i),
                     points.begin() + static_cast<ptrdiff_t>(end),
                     [&](auto a, auto b) { return combining_class(a) < combining_class(b); });
    i = end;
  }
}

// Appends a decomposed stretch without barriers in its normal form, and empties it.
void append_form(std::string& out, CodePoints& points, bool compose) {
  order_marks(points);
  if (compose && !points.empty()) {
    const auto size = utf8proc_normalize_utf32(
        points.data(), static_cast<utf8proc_ssize_t>(points.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size >= 0) points.resize(static_cast<size_t>(size));
  }
  for (const auto c : points) append_utf8(out, static_cast<char32_t>(c));
  points.clear();
}

}  // namespace

size_t sequence_length(unsigned char lead) {
  if (lead < 0xC0) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

char32_t next_code_point(std::string_view text, size_t& position) {
  const auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const size_t i = position;
  const char32_t lead = byte(i);
  if (lead < 0x80) {
    position += 1;
    return lead;
  }
  if (lead < 0xE0) {
    position += 2;
    return (lead & 0x1F) << 6 | (byte(i + 1) & 0x3F);
  }
  if (lead < 0xF0) {
    position += 3;
    return (lead & 0x0F) << 12 | (byte(i + 1) & 0x3F) << 6 | (byte(i + 2) & 0x3F);
  }
  position += 4;
  return (lead & 0x07) << 18 | (byte(i + 1) & 0x3F) << 12 | (byte(i + 2) & 0x3F) << 6 |
         (byte(i + 3) & 0x3F);
}

size_t previous_boundary(std::string_view text, size_t end) {
  --end;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

void append_utf8(std::string& text, char32_t c) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_valid_utf8(std::string_view text) {
  size_t missing = 0;
  unsigned char low = 0x80, high = 0xBF;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (missing > 0) {
      if (byte < low || byte > high) return false;
      --missing;
      low = 0x80;
      high = 0xBF;
    } else if (byte >= 0x80) {
      if (byte < 0xC2 || byte > 0xF4) return false;
      missing = sequence_length(byte) - 1;
      if (byte == 0xE0) low = 0xA0;
      if (byte == 0xED) high = 0x9F;
      if (byte == 0xF0) low = 0x90;
      if (byte == 0xF4) high = 0x8F;
    }
  }
  return missing == 0;
}

void Utf8Repairer::append(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (missing_ > 0) {
      if (byte >= low_ && byte <= high_) {
        pending_[pending_size_++] = c;
        low_ = 0x80;
        high_ = 0xBF;
        if (--missing_ == 0) {
          out.append(pending_, pending_size_);
          pending_size_ = 0;
        }
        continue;
      }
      finish(out);
    }
    if (byte < 0x80) {
      out.push_back(c);
    } else if (byte < 0xC2 || byte > 0xF4) {
      out += kReplacementCharacter;
    } else {
      pending_[0] = c;
      pending_size_ = 1;
      missing_ = sequence_length(byte) - 1;
      low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
      high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    }
  }
}

void Utf8Repairer::finish(std::string& out) {
  if (missing_ > 0) out += kReplacementCharacter;
  missing_ = pending_size_ = 0;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  Utf8Repairer repairer;
  repairer.append(text, out);
  repairer.finish(out);
  return out;
}

const char* category(char32_t c) {
  if (const CategoryRange* recent = recent_category(c)) return recent->category;
  return utf8proc_category_string(static_cast<utf8proc_int32_t>(c));
}

bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_numeric(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return category(c)[0] == 'N';
}

bool is_word(char32_t c) {
  if (c < 0x80) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  // The only alphabetic code points that are neither letters, marks nor letter numbers.
  const bool circled = (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
                       (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
  if (circled || c == 0x200C || c == 0x200D) return true;
  const std::string_view kind = category(c);
  return kind[0] == 'L' || kind[0] == 'M' || kind == "Nd" || kind == "Nl" || kind == "Pc";
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
  }
  if (contains(kPunctuationNoMore, c)) return true;
  return category(c)[0] == 'P' && !contains(kPunctuationNotYet, c);
}

bool is_mark(char32_t c) {
  if (c < 0x300) return false;
  if (contains(kMarkNoMore, c)) return true;
  return category(c)[0] == 'M' && !contains(kMarkNotYet, c);
}

bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

std::string normalize(std::string_view text, NormalForm form) {
  const bool compose = form == NormalForm::kNfc || form == NormalForm::kNfkc;
  const bool compatible = form == NormalForm::kNfkc || form == NormalForm::kNfkd;
  if (is_ascii(text) || (compose && is_composed(text))) return std::string(text);
  std::string out;
  out.reserve(text.size());
  CodePoints points;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = next_code_point(text, i);
    if (is_barrier(c)) {
      append_form(out, points, compose);
      append_utf8(out, c);
    } else {
      append_decomposed(points, c, compatible);
    }
  }
  append_form(out, points, compose);
  return out;
}

std::string lowercase(std::string_view text) {
  constexpr char32_t kCapitalIWithDot = 0x130;  // the one letter that becomes two
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const char32_t c = next_code_point(text, i);
    if (c == kCapitalIWithDot) {
      out += "i\xCC\x87";
    } else {
      append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return out;
}

}  // namespace mlxa::tok
