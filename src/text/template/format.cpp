// The % operator on strings, and the digits that all kinds of formatting share.
#include "text/template/format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

// One conversion of a % format.
struct Conversion {
  bool left = false, plus = false, space = false, alternate = false, zero = false;
  int64_t width = 0;
  int precision = -1;
  char type = 0;
};

// Non-ASCII characters of a repr as escapes.
std::string ascii(const std::string& text) {
  std::string out;
  for (size_t offset = 0; offset < text.size();) {
    char32_t c = next_code_point(text, offset);
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    char buffer[16];
    const char* format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    std::snprintf(buffer, sizeof buffer, format, static_cast<unsigned>(c));
    out += buffer;
  }
  return out;
}

class PercentFormatter {
 public:
  PercentFormatter(const Value& format, const Value& arguments)
      : format_(format.text()), markup_(format.as_str().markup), source_(arguments) {
    tuple_ = arguments.is_tuple();
    mapping_ = arguments.is_dict() || arguments.is_list() || arguments.is_undefined() ||
               arguments.object_as<Object>() != nullptr;
    single_ = arguments;
  }

  std::string run() {
    std::string out;
    while (at_ < format_.size()) {
      if (format_[at_] != '%') {
        out += format_[at_++];
        continue;
      }
      at_++;
      convert(out);
      if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
    }
    bool unused = tuple_ ? position_ < source_.items().size() : !single_used_;
    if (unused && !mapping_) type_error("not all arguments converted during string formatting");
    return out;
  }

 private:
  char peek() const {
    if (at_ >= format_.size()) value_error("incomplete format");
    return format_[at_];
  }

  void take_key() {
    if (!source_.is_dict()) type_error("format requires a mapping");
    int depth = 1;
    size_t start = ++at_;
    for (; depth > 0; at_++) {
      if (at_ >= format_.size()) value_error("incomplete format key");
      if (format_[at_] == '(') depth++;
      if (format_[at_] == ')') depth--;
    }
    std::string key = format_.substr(start, at_ - start - 1);
    const Value* found = source_.as_dict().find(key);
    if (!found) value_error("missing key " + quote(key));
    single_ = *found;
    tuple_ = false;
    single_used_ = false;
  }

  Value next_argument() {
    if (tuple_ && position_ < source_.items().size()) return source_.items()[position_++];
    if (tuple_ || single_used_) type_error("not enough arguments for format string");
    single_used_ = true;
    return single_;
  }

  int64_t take_number(const char* what) {
    if (peek() == '*') {
      at_++;
      Value value = next_argument();
      if (!value.is_integral()) type_error("* wants int");
      int64_t number = to_clamped_index(value);
      if (std::abs(number) > static_cast<int64_t>(kMaxStringBytes)) {
        fail(FailureKind::kLimit, std::string(what) + " too large");
      }
      return number;
    }
    int64_t number = 0;
    while (peek() >= '0' && peek() <= '9') {
      number = number * 10 + (format_[at_++] - '0');
      if (number > static_cast<int64_t>(kMaxStringBytes)) {
        fail(FailureKind::kLimit, std::string(what) + " too large");
      }
    }
    return number;
  }

  Conversion take_conversion() {
    Conversion spec;
    for (;; at_++) {
      char c = peek();
      if (c == '-') {
        spec.left = true;
      } else if (c == '+') {
        spec.plus = true;
      } else if (c == ' ') {
        spec.space = true;
      } else if (c == '#') {
        spec.alternate = true;
      } else if (c == '0') {
        spec.zero = true;
      } else {
        break;
      }
    }
    spec.width = take_number("width");
    if (spec.width < 0) {
      spec.left = true;
      spec.width = -spec.width;
    }
    if (peek() == '.') {
      at_++;
      spec.precision = static_cast<int>(std::max<int64_t>(take_number("precision"), 0));
    }
    if (peek() == 'h' || peek() == 'l' || peek() == 'L') at_++;
    spec.type = peek();
    at_++;
    return spec;
  }

  void convert(std::string& out) {
    if (peek() == '(') take_key();
    Budget::steps(kStepsPerField);
    Conversion spec = take_conversion();
    if (spec.type == '%') {
      out += '%';
      return;
    }
    Value value = next_argument();
    switch (spec.type) {
      case 's':
      case 'r':
      case 'a':
        out += text(value, spec);
        return;
      case 'c':
        out += pad({"", "", character(value), 0}, spec, false);
        return;
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        out += pad(integer(value, spec), spec, true);
        return;
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        out += pad(real(value, spec), spec, true);
        return;
      default:
        value_error("unsupported format character '" + std::string(1, spec.type) + "'");
    }
  }

  std::string text(const Value& value, const Conversion& spec) const {
    std::string result = spec.type == 's' ? to_text(value) : repr(value);
    if (spec.type == 'a') result = ascii(result);
    if (markup_) {
      result = spec.type == 's' ? escape_html(value) : escape_html(std::string_view(result));
    }
    if (spec.precision >= 0) {
      result.resize(byte_offset(result, static_cast<size_t>(spec.precision)));
    }
    return pad({"", "", result, 0}, spec, false);
  }

  static std::string character(const Value& value) {
    if (value.is_str()) {
      if (value.as_str().length != 1) type_error("%c requires int or char");
      return value.text();
    }
    if (!value.is_integral()) type_error("%c requires int or char");
    Int code = value.as_int();
    if (code < 0 || code > 0x10FFFF) value_error("%c arg not in range(0x110000)");
    std::string out;
    append_utf8(out, static_cast<char32_t>(code));
    return out;
  }

  static NumberText integer(const Value& value, const Conversion& spec) {
    bool decimal = spec.type == 'd' || spec.type == 'i' || spec.type == 'u';
    if (value.is_undefined()) undefined_failure(value);
    if (!value.is_integral() && !(decimal && value.is_number())) {
      type_error("%" + std::string(1, spec.type) +
                 " format: " + (decimal ? "a real number" : "an integer") + " is required, not " +
                 type_name(value));
    }
    Int number = value.is_integral() ? value.as_int() : float_to_int(value.as_float());
    NumberText parts = int_parts(number, decimal ? 'd' : spec.type, spec.alternate);
    size_t digits = static_cast<size_t>(std::max(spec.precision, 0));
    if (digits > parts.digits.size()) parts.digits.insert(0, digits - parts.digits.size(), '0');
    return parts;
  }

  static NumberText real(const Value& value, const Conversion& spec) {
    if (value.is_undefined()) undefined_failure(value);
    if (!value.is_number()) type_error("must be real number, not " + type_name(value));
    return float_parts(to_float(value), spec.type, spec.precision < 0 ? 6 : spec.precision,
                       spec.alternate);
  }

  static std::string pad(NumberText parts, const Conversion& spec, bool number) {
    if (number && parts.sign.empty()) parts.sign = spec.plus ? "+" : spec.space ? " " : "";
    size_t size = parts.sign.size() + parts.prefix.size() + count_code_points(parts.digits);
    size_t missing =
        static_cast<size_t>(spec.width) > size ? static_cast<size_t>(spec.width) - size : 0;
    std::string head = parts.sign + parts.prefix;
    if (spec.left) return head + parts.digits + std::string(missing, ' ');
    if (number && spec.zero) return head + std::string(missing, '0') + parts.digits;
    return std::string(missing, ' ') + head + parts.digits;
  }

  const std::string& format_;
  bool markup_;
  Value source_;
  Value single_;
  bool tuple_;
  bool mapping_;
  bool single_used_ = false;
  size_t position_ = 0;
  size_t at_ = 0;
};

}  // namespace

NumberText int_parts(Int value, char type, bool alternate) {
  int base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
  NumberText parts;
  parts.digits = int_text(value, base);
  if (value < 0) {
    parts.sign = "-";
    parts.digits.erase(0, 1);
  }
  if (alternate && base != 10) parts.prefix = std::string("0") + type;
  if (type == 'X') {
    for (char& c : parts.digits) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
  }
  parts.whole = parts.digits.size();
  return parts;
}

NumberText float_parts(double value, char type, int precision, bool alternate) {
  NumberText parts;
  if (std::signbit(value) && !std::isnan(value)) parts.sign = "-";
  double size = std::fabs(value);
  bool capital = type == 'E' || type == 'F' || type == 'G';
  if (!std::isfinite(value)) {
    parts.digits = std::isnan(value) ? (capital ? "NAN" : "nan") : (capital ? "INF" : "inf");
    return parts;
  }
  if (precision > kMaxPrecision) fail(FailureKind::kLimit, "precision too large");
  if (type != 0) {
    parts.digits = fixed_text(size, precision, type, alternate);
  } else if (precision < 0) {
    parts.digits = float_text(size);
  } else {
    // As 'g', but with exponents one digit earlier, and always with a point.
    int digits = std::max(precision, 1);
    std::string scientific = fixed_text(size, digits - 1, 'e', alternate);
    int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    if (exponent < -4 || exponent >= digits - 1) {
      size_t mark = scientific.find('e');
      std::string mantissa = scientific.substr(0, mark);
      if (!alternate && mantissa.find('.') != mantissa.npos) {
        mantissa.erase(mantissa.find_last_not_of('0') + 1);
        if (mantissa.back() == '.') mantissa.pop_back();
      }
      parts.digits = mantissa + scientific.substr(mark);
    } else {
      parts.digits = fixed_text(size, digits, 'g', alternate);
      if (parts.digits.find('.') == std::string::npos) parts.digits += ".0";
    }
  }
  parts.whole = std::min(parts.digits.find_first_not_of("0123456789"), parts.digits.size());
  return parts;
}

Value percent_format(const Value& format, const Value& arguments) {
  PercentFormatter formatter(format, arguments);
  return Value::string(formatter.run(), format.as_str().markup);
}

}  // namespace mlxa::jinja
