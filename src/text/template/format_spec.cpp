// format(value, specification) and str.format.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "text/template/attributes.h"
#include "text/template/format.h"
#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

struct Specification {
  std::string fill = " ";
  char align = '<';
  char sign = 0;
  bool alternate = false;
  int64_t width = 0;
  char grouping = 0;
  int precision = -1;
  char type = 0;
};

// Reads a decimal number; nothing if there is no digit.
std::optional<int64_t> read_number(std::string_view text, size_t& at) {
  std::optional<int64_t> value;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    value = value.value_or(0) * 10 + (text[at++] - '0');
    if (*value > static_cast<int64_t>(kMaxStringBytes)) {
      fail(FailureKind::kLimit, "format width or precision too large");
    }
  }
  return value;
}

bool is_align(char c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

// Strings default to the left, numbers to the right.
Specification parse_specification(std::string_view text, const std::string& type_name,
                                  char default_align) {
  Specification spec;
  spec.align = default_align;
  size_t at = 0;
  size_t after_fill = 0;
  if (!text.empty()) next_code_point(text, after_fill);
  bool fill_given = after_fill > 0 && after_fill < text.size() && is_align(text[after_fill]);
  bool align_given = fill_given || (!text.empty() && is_align(text[0]));
  if (fill_given) {
    spec.fill = text.substr(0, after_fill);
    spec.align = text[after_fill];
    at = after_fill + 1;
  } else if (align_given) {
    spec.align = text[at++];
  }
  auto take = [&](std::string_view set) {
    return at < text.size() && set.find(text[at]) != set.npos ? text[at++] : '\0';
  };
  if (char sign = take("+- ")) spec.sign = sign;
  spec.alternate = take("#") != 0;
  if (!fill_given && take("0")) {
    spec.fill = "0";
    if (!align_given && default_align == '>') spec.align = '=';
  }
  spec.width = read_number(text, at).value_or(0);
  spec.grouping = take(",_");
  if (take(".")) {
    auto precision = read_number(text, at);
    if (!precision) value_error("Format specifier missing precision");
    spec.precision = static_cast<int>(*precision);
  }
  if (at < text.size()) spec.type = text[at++];
  if (at < text.size()) {
    value_error("Invalid format specifier '" + std::string(text) + "' for object of type '" +
                type_name + "'");
  }
  std::string_view grouped = spec.grouping == ',' ? "deEfFgG%" : "deEfFgG%boxX";
  if (spec.grouping && spec.type && grouped.find(spec.type) == grouped.npos) {
    value_error(std::string("Cannot specify '") + spec.grouping + "' with '" + spec.type + "'.");
  }
  return spec;
}

[[noreturn]] void unknown_code(char type, const std::string& type_name) {
  value_error("Unknown format code '" + std::string(1, type) + "' for object of type '" +
              type_name + "'");
}

std::string pad(const std::string& text, const Specification& spec) {
  int64_t missing = spec.width - static_cast<int64_t>(count_code_points(text));
  if (missing <= 0) return text;
  int64_t left = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
  std::string out;
  for (int64_t i = 0; i < left; i++) out += spec.fill;
  out += text;
  for (int64_t i = left; i < missing; i++) out += spec.fill;
  return out;
}

// Puts a separator between groups of `size` digits, after zeros have filled `minimum` columns.
std::string group_digits(std::string whole, char separator, size_t size, int64_t minimum) {
  std::string out;
  size_t done = 0;
  for (size_t i = whole.size(); i > 0 || static_cast<int64_t>(out.size()) < minimum; done++) {
    if (done > 0 && done % size == 0) out += separator;
    out += i > 0 ? whole[--i] : '0';
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string assemble(NumberText number, const Specification& spec) {
  if (number.sign.empty() && spec.sign != 0 && spec.sign != '-') {
    number.sign = std::string(1, spec.sign);
  }
  std::string whole = number.digits.substr(0, number.whole);
  std::string rest = number.digits.substr(number.whole);
  bool numeric_fill = spec.align == '=';
  std::string head = number.sign + number.prefix;
  if (spec.grouping) {
    bool power_of_two =
        spec.type == 'x' || spec.type == 'X' || spec.type == 'o' || spec.type == 'b';
    int64_t minimum = 0;
    if (numeric_fill && spec.fill == "0") {
      minimum = spec.width - static_cast<int64_t>(head.size() + rest.size());
    }
    whole = group_digits(whole, spec.grouping, power_of_two ? 4 : 3, minimum);
  }
  std::string body = whole + rest;
  if (numeric_fill) {
    int64_t missing = spec.width - static_cast<int64_t>(head.size() + body.size());
    for (int64_t i = 0; i < missing; i++) head += spec.fill;
    return head + body;
  }
  return pad(head + body, spec);
}

std::string format_text(const std::string& text, const Specification& spec,
                        const std::string& type_name) {
  if (spec.type != 0 && spec.type != 's') unknown_code(spec.type, type_name);
  if (spec.sign != 0) value_error("Sign not allowed in string format specifier");
  if (spec.alternate) value_error("Alternate form (#) not allowed in string format specifier");
  if (spec.align == '=') value_error("'=' alignment not allowed in string format specifier");
  if (spec.grouping) {
    value_error("Cannot specify '" + std::string(1, spec.grouping) + "' with 's'.");
  }
  std::string cut = text;
  if (spec.precision >= 0) {
    cut = text.substr(0, byte_offset(text, static_cast<size_t>(spec.precision)));
  }
  return pad(cut, spec);
}

std::string format_float(double value, const Specification& spec, const std::string& type_name) {
  char type = spec.type;
  if (type == '%' || type == 'n' || type == 0 ||
      std::string_view("eEfFgG").find(type) != std::string_view::npos) {
    NumberText number;
    if (type == '%') {
      number =
          float_parts(value * 100, 'f', spec.precision < 0 ? 6 : spec.precision, spec.alternate);
      number.digits += '%';
    } else if (type == 0) {
      number = float_parts(value, 0, spec.precision, spec.alternate);
    } else {
      number = float_parts(value, type == 'n' ? 'g' : type, spec.precision < 0 ? 6 : spec.precision,
                           spec.alternate);
    }
    return assemble(std::move(number), spec);
  }
  unknown_code(type, type_name);
}

std::string format_int(const Value& value, const Specification& spec,
                       const std::string& type_name) {
  char type = spec.type;
  if (type == 'e' || type == 'E' || type == 'f' || type == 'F' || type == 'g' || type == 'G' ||
      type == '%') {
    return format_float(to_float(value), spec, type_name);
  }
  if (type != 0 && std::string_view("bcdnoxX").find(type) == std::string_view::npos) {
    unknown_code(type, type_name);
  }
  if (spec.precision >= 0) value_error("Precision not allowed in integer format specifier");
  if (type == 'c') {
    if (spec.sign != 0) value_error("Sign not allowed with integer format specifier 'c'");
    if (spec.alternate) {
      value_error("Alternate form (#) not allowed with integer format specifier 'c'");
    }
    Int code = value.as_int();
    if (code < 0 || code > 0x10FFFF) value_error("%c arg not in range(0x110000)");
    std::string text;
    append_utf8(text, static_cast<char32_t>(code));
    return pad(text, spec);
  }
  return assemble(int_parts(value.as_int(), type == 0 || type == 'n' ? 'd' : type, spec.alternate),
                  spec);
}

// The state of one str.format call.
class Formatter {
 public:
  Formatter(const CallArgs& args, const Value* mapping, bool markup)
      : args_(args), mapping_(mapping), markup_(markup) {}

  std::string run(std::string_view format, int levels) {
    if (levels < 0) value_error("Max string recursion exceeded");
    std::string out;
    for (size_t at = 0; at < format.size();) {
      char c = format[at];
      if (c != '{' && c != '}') {
        out += c;
        at++;
        continue;
      }
      if (at + 1 < format.size() && format[at + 1] == c) {
        out += c;
        at += 2;
        continue;
      }
      if (c == '}') value_error("Single '}' encountered in format string");
      at++;
      out += field(format, at, levels);
      if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
    }
    return out;
  }

 private:
  // A replacement field, from after its opening brace to after its closing one.
  std::string field(std::string_view format, size_t& at, int levels) {
    Budget::steps(kStepsPerField);
    if (at == format.size()) value_error("Single '{' encountered in format string");
    size_t start = at;
    int depth = 1;
    size_t name_end = format.npos;
    bool bracket = false;
    for (; at < format.size(); at++) {
      char c = format[at];
      if (name_end == format.npos) {
        if (c == '[') bracket = true;
        if (c == ']') bracket = false;
        if (bracket) continue;
        if (c == '!' || c == ':') name_end = at;
      }
      if (c == '{') depth++;
      if (c == '}' && --depth == 0) break;
    }
    if (depth > 0) value_error("expected '}' before end of string");
    std::string_view whole = format.substr(start, at - start);
    at++;
    if (name_end == format.npos) name_end = start + whole.size();
    std::string_view name = whole.substr(0, name_end - start);
    std::string_view rest = whole.substr(name.size());
    char conversion = 0;
    if (!rest.empty() && rest[0] == '!') {
      if (rest.size() < 2) value_error("end of string while looking for conversion specifier");
      conversion = rest[1];
      rest.remove_prefix(2);
      if (!rest.empty() && rest[0] != ':') value_error("expected ':' after conversion specifier");
    }
    if (!rest.empty()) rest.remove_prefix(1);
    Value value = convert(look_up(name), conversion);
    std::string text = format_value(value, run(rest, levels - 1));
    bool marked = value.is_str() && value.as_str().markup;
    return markup_ && !marked ? escape_html(std::string_view(text)) : text;
  }

  static Value convert(const Value& value, char conversion) {
    switch (conversion) {
      case 0:
        return value;
      case 's':
        return Value::string(to_text(value));
      case 'r':
        return Value::string(repr(value));
      default:
        value_error("Unknown conversion specifier " + std::string(1, conversion));
    }
  }

  Value look_up(std::string_view name) {
    size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = first(name.substr(0, end), name);
    while (end < name.size()) {
      size_t start = end + 1;
      if (name[end] == '.') {
        end = std::min(name.find_first_of(".[", start), name.size());
        if (end == start) value_error("Empty attribute in format string");
        value = get_attribute(value, Value::string(std::string(name.substr(start, end - start))));
      } else if (name[end] == '[') {
        end = name.find(']', start);
        if (end == name.npos) value_error("Missing ']' in format string");
        if (end == start) value_error("Empty attribute in format string");
        value = get_item(value, key(name.substr(start, end - start)));
        end++;
      } else {
        value_error("Only '.' or '[' may follow ']' in format field specifier");
      }
    }
    return value;
  }

  static bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  }

  static Value key(std::string_view text) {
    if (is_number(text)) return Value::integer(parse_int(text, 10).value_or(0));
    return Value::string(std::string(text));
  }

  Value first(std::string_view text, std::string_view name) {
    if (name.empty()) {
      if (numbered_)
        value_error("cannot switch from manual field specification to automatic field numbering");
      automatic_ = true;
      return positional(next_++);
    }
    if (!is_number(text)) return named(text);
    if (name.size() == text.size()) {
      if (automatic_)
        value_error("cannot switch from manual field specification to automatic field numbering");
      numbered_ = true;
    }
    return positional(to_clamped_index(key(text)));
  }

  Value positional(int64_t index) const {
    if (index >= static_cast<int64_t>(args_.positional.size())) {
      value_error("Replacement index " + std::to_string(index) +
                  " out of range for positional args tuple");
    }
    return args_.positional[static_cast<size_t>(index)];
  }

  Value named(std::string_view name) const {
    if (mapping_) {
      const Value* found = mapping_->is_dict() ? mapping_->as_dict().find(name) : nullptr;
      if (found) return *found;
    }
    for (const auto& [key, value] : args_.named) {
      if (key == name) return value;
    }
    value_error("no format argument " + quote(name));
  }

  const CallArgs& args_;
  const Value* mapping_;
  bool markup_;
  bool automatic_ = false;
  bool numbered_ = false;
  int64_t next_ = 0;
};

constexpr int kFormatLevels = 2;  // specifications may hold fields, whose specifications may too

}  // namespace

std::string format_value(const Value& value, std::string_view specification) {
  if (specification.empty()) return to_text(value);
  std::string name = type_name(value);
  if (value.is_str()) {
    if (value.as_str().markup) value_error("Unsupported format specification for Markup.");
    return format_text(value.text(), parse_specification(specification, name, '<'), name);
  }
  if (value.is_integral())
    return format_int(value, parse_specification(specification, name, '>'), name);
  if (value.is_number()) {
    return format_float(value.as_float(), parse_specification(specification, name, '>'), name);
  }
  type_error("unsupported format string passed to " + name + ".__format__");
}

Value str_format(const Value& format, const CallArgs& args) {
  bool markup = format.as_str().markup;
  Formatter formatter(args, nullptr, markup);
  return Value::string(formatter.run(format.text(), kFormatLevels), markup);
}

Value str_format_map(const Value& format, const Value& mapping) {
  bool markup = format.as_str().markup;
  CallArgs none;
  Formatter formatter(none, &mapping, markup);
  return Value::string(formatter.run(format.text(), kFormatLevels), markup);
}

}  // namespace mlxa::jinja
