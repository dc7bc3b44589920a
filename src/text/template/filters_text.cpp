// Filters that make text.
#include <algorithm>
#include <cstdio>

#include "text/template/filters.h"
#include "text/template/format.h"
#include "text/template/json_dump.h"
#include "text/template/python.h"
#include "text/template/text_search.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

using Arguments = std::vector<Value>;

constexpr int64_t kTruncateLeeway = 5;
constexpr int64_t kTruncateLength = 255;
constexpr int64_t kCenterWidth = 80;

int64_t number_or(const Value& value, int64_t fallback) {
  return value.is_missing() ? fallback : to_clamped_index(value);
}

// Applies a mapping of text to the value's text; a marked string stays marked.
template <std::string (*kConvert)(std::string_view)>
Value convert(Arguments& a) {
  Value text = soft_string(a[0]);
  return Value::string(kConvert(text.text()), text.as_str().markup);
}

Value center(Arguments& a) {
  Value text = soft_string(a[0]);
  return Value::string(center_text(text.as_str(), number_or(a[1], kCenterWidth), " "),
                       text.as_str().markup);
}

Value escape(Arguments& a) { return Value::string(escape_html(a[0]), true); }
Value force_escape(Arguments& a) {
  return Value::string(escape_html(std::string_view(to_text(a[0]))), true);
}

Value format(CallArgs&& args) {
  Value text = soft_string(args.positional[0]);
  args.positional.erase(args.positional.begin());
  if (args.named.empty()) return percent_format(text, Value::tuple(std::move(args.positional)));
  if (!args.positional.empty()) {
    fail(FailureKind::kRuntime, "can't handle positional and keyword arguments at the same time");
  }
  auto named = std::make_shared<Dict>();
  for (auto& [key, value] : args.named) named->set(key, std::move(value));
  return percent_format(text, Value::dict(std::move(named)));
}

Value indent(Arguments& a) {
  Value text = binary(Arithmetic::kAdd, a[0], Value::string("\n"));
  std::string margin(4, ' ');
  if (a[1].is_str()) {
    margin = a[1].text();
  } else if (!a[1].is_missing()) {
    margin = binary(Arithmetic::kMul, Value::string(" "), a[1]).text();
  }
  bool blank = truth(a[3]);
  std::string out;
  bool first_line = true;
  for (const std::string& line : split_lines(text.text(), false)) {
    if (!first_line) out += '\n';
    if ((first_line && truth(a[2])) || (!first_line && (blank || !line.empty()))) out += margin;
    out += line;
    first_line = false;
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  }
  return Value::string(std::move(out), text.as_str().markup);
}

Value join(Arguments& a) {
  std::string separator = a[1].is_missing() ? "" : to_text(a[1]);
  std::string out;
  bool first = true;
  auto items = iterate(a[0]);
  for (Value item; items->next(item); first = false) {
    if (!first) out += separator;
    Value part = get_path(item, a[2]);
    out += part.is_str() ? part.text() : to_text(part);
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  }
  return Value::string(std::move(out));
}

Value replace(Arguments& a) {
  int64_t count = a[3].is_missing() || a[3].is_none() ? -1 : to_clamped_index(a[3]);
  return Value::string(replace_text(to_text(a[0]), to_text(a[1]), to_text(a[2]), count));
}

Value safe(Arguments& a) { return Value::string(to_text(a[0]), true); }
Value string(Arguments& a) { return soft_string(a[0]); }

// Capital letters after white space, brackets and hyphens, small ones elsewhere.
std::string title_words(std::string_view text) {
  auto separates = [](char32_t c) {
    return is_space(c) || c == U'-' || c == U'(' || c == U'{' || c == U'[' || c == U'<';
  };
  std::string out;
  Budget::scan(text.size());
  for (size_t start = 0; start < text.size();) {
    size_t end = start;
    bool separator = separates(next_code_point(text, end));
    size_t after_first = end;
    while (end < text.size()) {
      size_t next = end;
      if (separates(next_code_point(text, next)) != separator) break;
      end = next;
    }
    out += upper(text.substr(start, after_first - start));
    out += lower(text.substr(after_first, end - after_first));
    start = end;
  }
  return out;
}

Value title_filter(Arguments& a) { return Value::string(title_words(to_text(a[0]))); }

Value trim(Arguments& a) {
  Value text = soft_string(a[0]);
  return Value::string(strip_text(text, a[1], true, true), text.as_str().markup);
}

Value truncate(Arguments& a) {
  int64_t size = number_or(a[1], kTruncateLength);
  Value end = a[3].is_missing() ? Value::string("...") : a[3];
  auto end_size = static_cast<int64_t>(length(end));
  int64_t leeway = a[4].is_none() ? kTruncateLeeway : number_or(a[4], kTruncateLeeway);
  if (size < end_size) {
    fail(FailureKind::kRuntime,
         "expected length >= " + std::to_string(end_size) + ", got " + std::to_string(size));
  }
  if (leeway < 0) {
    fail(FailureKind::kRuntime, "expected leeway >= 0, got " + std::to_string(leeway));
  }
  auto have = static_cast<int64_t>(length(a[0]));
  if (have <= size || have - size <= leeway) return a[0];
  std::string cut = require_text(a[0], "text");
  cut.resize(byte_offset(cut, static_cast<size_t>(size - end_size)));
  if (!truth(a[2])) cut = rsplit_text(cut, " ", 1)[0];
  return binary(Arithmetic::kAdd, Value::string(cut, a[0].as_str().markup), end);
}

std::string quote_url(const Value& value, bool query) {
  std::string out;
  for (char c : to_text(value)) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '.' || c == '-' || c == '~' || (c == '/' && !query);
    if (plain) {
      out += c;
    } else if (c == ' ' && query) {
      out += '+';
    } else {
      char buffer[4];
      std::snprintf(buffer, sizeof buffer, "%%%02X", static_cast<unsigned char>(c));
      out += buffer;
    }
  }
  return out;
}

Value url_encode(Arguments& a) {
  if (a[0].is_str()) return Value::string(quote_url(a[0], false));
  auto items = try_iterate(a[0]);
  if (!items) return Value::string(quote_url(a[0], false));
  std::string out;
  auto add = [&out](const Value& key, const Value& value) {
    if (!out.empty()) out += '&';
    out += quote_url(key, true) + "=" + quote_url(value, true);
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  };
  if (a[0].is_dict()) {
    for (const auto& [key, value] : a[0].as_dict().entries) add(key, value);
    return Value::string(std::move(out));
  }
  for (Value item; items->next(item);) {
    std::vector<Value> pair = to_vector(item);
    if (pair.size() != 2) value_error("not a pair to unpack");
    add(pair[0], pair[1]);
  }
  return Value::string(std::move(out));
}

Value word_count(Arguments& a) {
  std::string text = to_text(a[0]);
  Budget::scan(text.size());
  Int count = 0;
  bool inside = false;
  for (size_t offset = 0; offset < text.size();) {
    char32_t c = next_code_point(text, offset);
    bool word = is_alnum(c) || c == U'_';
    count += word && !inside;
    inside = word;
  }
  return Value::integer(count);
}

Value xml_attributes(Arguments& a) {
  if (a[0].is_undefined()) undefined_failure(a[0]);
  if (!a[0].is_dict()) type_error("'" + type_name(a[0]) + "' object has no attribute 'items'");
  std::string out;
  for (const auto& [key, value] : a[0].as_dict().entries) {
    if (value.is_none() || value.is_undefined()) continue;
    const std::string& name = require_text(key, "attribute name");
    if (name.find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      value_error("Invalid character in attribute name: " + quote(name));
    }
    if (!out.empty()) out += ' ';
    out += escape_html(key) + "=\"" + escape_html(value) + "\"";
  }
  bool space = a[1].is_missing() || truth(a[1]);
  return Value::string(space && !out.empty() ? " " + out : out);
}

Value to_json(Arguments& a) {
  JsonStyle style;
  style.ascii = truth(a[1]);
  style.sort_keys = truth(a[4]);
  if (a[2].is_str()) {
    style.indent = a[2].text();
  } else if (!a[2].is_missing() && !a[2].is_none()) {
    style.indent = binary(Arithmetic::kMul, Value::string(" "), a[2]).text();
  }
  if (style.indent) style.item_separator = ",";
  if (!a[3].is_missing() && !a[3].is_none()) {
    std::vector<Value> separators = to_vector(a[3]);
    if (separators.size() != 2) value_error("expected two separators");
    style.item_separator = require_text(separators[0], "separator");
    style.key_separator = require_text(separators[1], "separator");
  }
  return Value::string(dump_json(a[0], style));
}

}  // namespace

std::vector<Filter> text_filters() {
  return {
      {"capitalize", {{"s"}, 1}, convert<capitalize>},
      {"center", {{"value", "width"}, 1}, center},
      {"e", {{"s"}, 1, false}, escape},
      {"escape", {{"s"}, 1, false}, escape},
      {"forceescape", {{"value"}, 1}, force_escape},
      {"format", {}, nullptr, format},
      {"indent", {{"s", "width", "first", "blank"}, 1}, indent},
      {"join", {{"value", "d", "attribute"}, 1}, join},
      {"lower", {{"s"}, 1}, convert<lower>},
      {"pprint", {{"value"}, 1}, nullptr},
      {"replace", {{"s", "old", "new", "count"}, 3}, replace},
      {"safe", {{"value"}, 1}, safe},
      {"string", {{"s"}, 1}, string},
      {"striptags", {{"value"}, 1}, nullptr},
      {"title", {{"s"}, 1}, title_filter},
      {"tojson", {{"x", "ensure_ascii", "indent", "separators", "sort_keys"}, 1}, to_json},
      {"trim", {{"value", "chars"}, 1}, trim},
      {"truncate", {{"s", "length", "killwords", "end", "leeway"}, 1}, truncate},
      {"upper", {{"s"}, 1}, convert<upper>},
      {"urlencode", {{"value"}, 1}, url_encode},
      {"urlize",
       {{"value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}, 1},
       nullptr},
      {"wordcount", {{"s"}, 1}, word_count},
      {"wordwrap",
       {{"s", "width", "break_long_words", "wrapstring", "break_on_hyphens"}, 1},
       nullptr},
      {"xmlattr", {{"d", "autospace"}, 1}, xml_attributes},
  };
}

}  // namespace mlxa::jinja
