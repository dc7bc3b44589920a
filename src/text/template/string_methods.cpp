// The methods of str.
#include <algorithm>
#include <limits>
#include <optional>

#include "text/template/call.h"
#include "text/template/format.h"
#include "text/template/python.h"
#include "text/template/text_search.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

using Arguments = std::vector<Value>;

Value strings(const std::vector<std::string>& pieces) {
  std::vector<Value> items;
  items.reserve(pieces.size());
  for (const std::string& piece : pieces) items.push_back(Value::string(piece));
  return Value::list(std::move(items));
}

// The part of `self` between the optional bounds, as slices count them.
struct Window {
  std::string_view text;  ///< Empty and !valid if the start lies behind the end.
  size_t first;           ///< Code points before it.
  bool valid;
};

Window window(const Value& self, const Value& start, const Value& stop) {
  const Str& str = self.as_str();
  auto bound = [&](const Value& value, int64_t fallback) {
    if (value.is_missing() || value.is_none()) return fallback;
    int64_t at = to_clamped_index(value);
    return at < 0 ? std::max<int64_t>(at + static_cast<int64_t>(str.length), 0) : at;
  };
  auto size = static_cast<int64_t>(str.length);
  int64_t first = bound(start, 0);
  int64_t last = std::min(bound(stop, size), size);
  if (first > last) return {{}, 0, false};
  Budget::work(str.text.size());
  std::string_view text = str.text;
  size_t begin =
      str.ascii() ? static_cast<size_t>(first) : byte_offset(text, static_cast<size_t>(first));
  size_t end =
      str.ascii() ? static_cast<size_t>(last) : byte_offset(text, static_cast<size_t>(last));
  return {text.substr(begin, end - begin), static_cast<size_t>(first), true};
}

Int find_in(const Value& self, const Arguments& a, bool last) {
  const std::string& needle = require_text(a[0], "argument");
  Window in = window(self, a[1], a[2]);
  if (!in.valid) return -1;
  size_t found = last ? rfind_text(in.text, needle) : find_text(in.text, needle);
  if (found == in.text.npos) return -1;
  return static_cast<Int>(in.first + count_code_points(in.text.substr(0, found)));
}

Value index_of(const Value& self, const Arguments& a, bool last) {
  Int found = find_in(self, a, last);
  if (found < 0) value_error("substring not found");
  return Value::integer(found);
}

Value count_in(const Value& self, Arguments& a) {
  const std::string& needle = require_text(a[0], "argument");
  Window in = window(self, a[1], a[2]);
  if (!in.valid) return Value::integer(0);
  if (needle.empty()) return Value::integer(static_cast<Int>(count_code_points(in.text) + 1));
  Int count = 0;
  for (size_t at = find_text(in.text, needle); at != in.text.npos;
       at = find_text(in.text, needle, at + needle.size())) {
    count++;
  }
  return Value::integer(count);
}

Value has_affix(const Value& self, const Arguments& a, bool prefix) {
  Window in = window(self, a[1], a[2]);
  auto matches = [&](const Value& affix) {
    const std::string& text = require_text(affix, "affix");
    if (!in.valid || text.size() > in.text.size()) return false;
    size_t at = prefix ? 0 : in.text.size() - text.size();
    return in.text.compare(at, text.size(), text) == 0;
  };
  if (!a[0].is_tuple()) return Value::boolean(matches(a[0]));
  for (const Value& affix : a[0].items()) {
    if (matches(affix)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

int64_t split_limit(const Value& limit) {
  return limit.is_missing() ? -1 : to_clamped_index(limit);
}

std::string separator_of(const Value& separator) {
  if (separator.is_missing() || separator.is_none()) return "";
  const std::string& text = require_text(separator, "separator");
  if (text.empty()) value_error("empty separator");
  return text;
}

Value join(const Value& self, Arguments& a) {
  bool markup = self.as_str().markup;
  std::string out;
  size_t position = 0;
  auto items = try_iterate(a[0]);
  if (!items) type_error("can only join an iterable");
  for (Value item; items->next(item); position++) {
    if (position > 0) out += self.text();
    if (!item.is_str() && !markup) {
      type_error("sequence item " + std::to_string(position) + ": expected str instance, " +
                 type_name(item) + " found");
    }
    out += markup ? escape_html(item) : item.text();
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  }
  return Value::string(std::move(out));
}

Value replace(const Value& self, Arguments& a) {
  std::string to = require_text(a[1], "argument");
  if (self.as_str().markup) to = escape_html(a[1]);
  int64_t count = a[2].is_missing() ? -1 : to_clamped_index(a[2]);
  return Value::string(replace_text(self.text(), require_text(a[0], "argument"), to, count));
}

enum class Side { kLeft, kRight, kBoth };

Value justify(const Value& self, const Arguments& a, Side side) {
  std::string fill = " ";
  if (!a[1].is_missing()) {
    fill = self.as_str().markup ? escape_html(a[1]) : require_text(a[1], "fill character");
    if (count_code_points(fill) != 1) {
      type_error("The fill character must be exactly one character long");
    }
  }
  int64_t width = to_clamped_index(a[0]);
  if (side == Side::kBoth) return Value::string(center_text(self.as_str(), width, fill));
  int64_t missing = width - static_cast<int64_t>(self.as_str().length);
  if (missing > static_cast<int64_t>(kMaxStringBytes)) {
    fail(FailureKind::kLimit, "string too long");
  }
  std::string pad;
  for (int64_t i = 0; i < missing; i++) pad += fill;
  return Value::string(side == Side::kLeft ? self.text() + pad : pad + self.text());
}

Value zero_fill(const Value& self, Arguments& a) {
  int64_t missing = to_clamped_index(a[0]) - static_cast<int64_t>(self.as_str().length);
  if (missing <= 0) return self;
  if (missing > static_cast<int64_t>(kMaxStringBytes)) {
    fail(FailureKind::kLimit, "string too long");
  }
  std::string text = self.text();
  bool sign = !text.empty() && (text[0] == '-' || text[0] == '+');
  text.insert(sign ? 1 : 0, static_cast<size_t>(missing), '0');
  return Value::string(std::move(text));
}

Value partition(const Value& self, const Arguments& a, bool last) {
  const std::string& separator = require_text(a[0], "separator");
  if (separator.empty()) value_error("empty separator");
  const std::string& text = self.text();
  size_t found = last ? rfind_text(text, separator) : find_text(text, separator);
  if (found == text.npos) {
    Value empty = Value::string("");
    return last ? Value::tuple({empty, empty, self}) : Value::tuple({self, empty, empty});
  }
  return Value::tuple({Value::string(text.substr(0, found)), Value::string(separator),
                       Value::string(text.substr(found + separator.size()))});
}

Value expand_tabs(const Value& self, Arguments& a) {
  int64_t width = a[0].is_missing() ? 8 : to_clamped_index(a[0]);
  if (width > static_cast<int64_t>(kMaxStringBytes)) fail(FailureKind::kLimit, "string too long");
  std::string out;
  int64_t column = 0;
  Budget::scan(self.text().size());
  for (size_t offset = 0; offset < self.text().size();) {
    char32_t c = next_code_point(self.text(), offset);
    if (c == U'\t') {
      int64_t fill = width > 0 ? width - column % width : 0;
      out.append(static_cast<size_t>(fill), ' ');
      column += fill;
    } else {
      append_utf8(out, c);
      column = c == U'\n' || c == U'\r' ? 0 : column + 1;
    }
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  }
  return Value::string(std::move(out));
}

Value all_of(const Value& self, bool (*test)(char32_t), bool of_empty = false) {
  const std::string& text = self.text();
  Budget::scan(text.size());
  if (text.empty()) return Value::boolean(of_empty);
  for (size_t offset = 0; offset < text.size();) {
    if (!test(next_code_point(text, offset))) return Value::boolean(false);
  }
  return Value::boolean(true);
}

// At least one character of the case, none of the other one.
Value has_case(const Value& self, bool (*wanted)(char32_t), bool (*other)(char32_t)) {
  bool found = false;
  Budget::scan(self.text().size());
  for (size_t offset = 0; offset < self.text().size();) {
    char32_t c = next_code_point(self.text(), offset);
    if (other(c) || is_title(c)) return Value::boolean(false);
    found = found || wanted(c);
  }
  return Value::boolean(found);
}

Value has_title_case(const Value& self, Arguments&) {
  bool found = false;
  bool inside_word = false;
  Budget::scan(self.text().size());
  for (size_t offset = 0; offset < self.text().size();) {
    char32_t c = next_code_point(self.text(), offset);
    bool starts = is_upper(c) || is_title(c);
    if (starts ? inside_word : is_lower(c) && !inside_word) return Value::boolean(false);
    inside_word = starts || is_lower(c);
    found = found || inside_word;
  }
  return Value::boolean(found);
}

Value is_identifier(const Value& self, Arguments&) {
  size_t offset = 0;
  const std::string& text = self.text();
  if (text.empty() || !is_identifier_start(next_code_point(text, offset))) {
    return Value::boolean(false);
  }
  while (offset < text.size()) {
    if (!is_identifier_part(next_code_point(text, offset))) return Value::boolean(false);
  }
  return Value::boolean(true);
}

Value remove_affix(const Value& self, const Arguments& a, bool prefix) {
  const std::string& affix = require_text(a[0], "argument");
  const std::string& text = self.text();
  if (affix.size() > text.size()) return self;
  size_t at = prefix ? 0 : text.size() - affix.size();
  if (text.compare(at, affix.size(), affix) != 0) return self;
  return Value::string(prefix ? text.substr(affix.size()) : text.substr(0, at));
}

template <bool kLeft, bool kRight>
Value strip(const Value& self, Arguments& a) {
  return Value::string(strip_text(self, a[0], kLeft, kRight));
}

template <std::string (*kConvert)(std::string_view)>
Value convert(const Value& self, Arguments&) {
  return Value::string(kConvert(self.text()));
}

Value split(const Value& self, Arguments& a) {
  return strings(split_text(self.text(), separator_of(a[0]), split_limit(a[1])));
}

Value rsplit(const Value& self, Arguments& a) {
  return strings(rsplit_text(self.text(), separator_of(a[0]), split_limit(a[1])));
}

Value lines(const Value& self, Arguments& a) {
  return strings(split_lines(self.text(), truth(a[0])));
}

const Signature kNone{};
const Signature kOne{{"argument"}, 1, false};
const Signature kOptional{{"argument"}, 0, false};
const Signature kSearch{{"sub", "start", "end"}, 1, false};
const Signature kSplit{{"sep", "maxsplit"}, 0, true};
const Signature kFill{{"width", "fillchar"}, 1, false};

// clang-format off
const std::vector<Method>& string_methods() {
  using V = const Value&;
  using A = Arguments&;
  static const std::vector<Method> kMethods{
      {"capitalize", kNone, convert<capitalize>, true},
      {"casefold", kNone, convert<case_fold>, true},
      {"center", kFill, [](V s, A a) { return justify(s, a, Side::kBoth); }, true},
      {"count", kSearch, count_in},
      {"encode", kNone, nullptr},
      {"endswith", kSearch, [](V s, A a) { return has_affix(s, a, false); }},
      {"expandtabs", {{"tabsize"}, 0, true}, expand_tabs, true},
      {"find", kSearch, [](V s, A a) { return Value::integer(find_in(s, a, false)); }},
      {"index", kSearch, [](V s, A a) { return index_of(s, a, false); }},
      {"isalnum", kNone, [](V s, A) { return all_of(s, is_alnum); }},
      {"isalpha", kNone, [](V s, A) { return all_of(s, is_alpha); }},
      {"isascii", kNone, [](V s, A) { return Value::boolean(s.as_str().ascii()); }},
      {"isdecimal", kNone, [](V s, A) { return all_of(s, is_decimal); }},
      {"isdigit", kNone, [](V s, A) { return all_of(s, is_digit); }},
      {"isidentifier", kNone, is_identifier},
      {"islower", kNone, [](V s, A) { return has_case(s, is_lower, is_upper); }},
      {"isnumeric", kNone, [](V s, A) { return all_of(s, is_numeric); }},
      {"isprintable", kNone, [](V s, A) { return all_of(s, is_printable, true); }},
      {"isspace", kNone, [](V s, A) { return all_of(s, is_space); }},
      {"istitle", kNone, has_title_case},
      {"isupper", kNone, [](V s, A) { return has_case(s, is_upper, is_lower); }},
      {"join", kOne, join, true},
      {"ljust", kFill, [](V s, A a) { return justify(s, a, Side::kLeft); }, true},
      {"lower", kNone, convert<lower>, true},
      {"lstrip", kOptional, strip<true, false>, true},
      {"maketrans", kNone, nullptr},
      {"partition", kOne, [](V s, A a) { return partition(s, a, false); }, true},
      {"removeprefix", kOne, [](V s, A a) { return remove_affix(s, a, true); }, true},
      {"removesuffix", kOne, [](V s, A a) { return remove_affix(s, a, false); }, true},
      {"replace", {{"old", "new", "count"}, 2, false}, replace, true},
      {"rfind", kSearch, [](V s, A a) { return Value::integer(find_in(s, a, true)); }},
      {"rindex", kSearch, [](V s, A a) { return index_of(s, a, true); }},
      {"rjust", kFill, [](V s, A a) { return justify(s, a, Side::kRight); }, true},
      {"rpartition", kOne, [](V s, A a) { return partition(s, a, true); }, true},
      {"rsplit", kSplit, rsplit, true},
      {"rstrip", kOptional, strip<false, true>, true},
      {"split", kSplit, split, true},
      {"splitlines", {{"keepends"}, 0, true}, lines, true},
      {"startswith", kSearch, [](V s, A a) { return has_affix(s, a, true); }},
      {"strip", kOptional, strip<true, true>, true},
      {"swapcase", kNone, convert<swap_case>, true},
      {"title", kNone, convert<title>, true},
      {"translate", kOne, nullptr},
      {"upper", kNone, convert<upper>, true},
      {"zfill", kOne, zero_fill, true},
  };
  return kMethods;
}
// clang-format on

}  // namespace

Value string_method(const Value& self, std::string_view name) {
  if (name == "format") {
    return Function::make("format", [self](CallArgs&& args) { return str_format(self, args); });
  }
  if (name == "format_map") {
    return Function::make("format_map", {{"mapping"}, 1, false},
                          [self](Arguments& a) { return str_format_map(self, a[0]); });
  }
  return bind_method(string_methods(), self, name);
}

}  // namespace mlxa::jinja
