#include "text/template/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

using UnsignedInt = unsigned __int128;

constexpr uint64_t kFloatTextSteps = 64;  // writing a float with all its digits
constexpr double kIntBound = 0x1p127;     // the first float beyond Int
// Python's repr turns to exponents outside of these decimal exponents.
constexpr int kMinPlainExponent = -4;
constexpr int kMaxPlainExponent = 16;

[[noreturn]] void overflow() {
  fail(FailureKind::kLimit, "integer overflow: integers are limited to 128 bits");
}

UnsignedInt magnitude(Int value) {
  return value < 0 ? -static_cast<UnsignedInt>(value) : static_cast<UnsignedInt>(value);
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

Int add_ints(Int a, Int b) {
  Int result;
  if (__builtin_add_overflow(a, b, &result)) overflow();
  return result;
}

Int multiply(Int a, Int b) {
  Int result;
  if (__builtin_mul_overflow(a, b, &result)) overflow();
  return result;
}

[[noreturn]] void division_by_zero(const char* what) {
  fail(FailureKind::kRuntime, std::string(what) + " by zero");
}

Int floor_divide(Int a, Int b) {
  if (b == 0) division_by_zero("integer division or modulo");
  if (b == -1) {
    Int result;
    if (__builtin_sub_overflow(Int{0}, a, &result)) overflow();
    return result;
  }
  Int quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

Int floor_modulo(Int a, Int b) {
  if (b == 0) division_by_zero("integer modulo");
  if (b == -1) return 0;
  Int remainder = a % b;
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

Int power(Int base, Int exponent) {
  if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
  if (base == -1) return exponent % 2 == 0 ? 1 : -1;
  if (exponent > 127) overflow();
  Int result = 1;
  for (Int i = 0; i < exponent; i++) result = multiply(result, base);
  return result;
}

double float_modulo(double a, double b) {
  if (b == 0) division_by_zero("float modulo");
  double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(0.0, b);
  return (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

double float_floor_divide(double a, double b) {
  if (b == 0) division_by_zero("float floor division");
  double remainder = std::fmod(a, b);
  double quotient = (a - remainder) / b;
  if (remainder != 0 && (remainder < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  double rounded = std::floor(quotient);
  return quotient - rounded > 0.5 ? rounded + 1 : rounded;
}

double float_power(double a, double b) {
  if (a == 0 && b < 0) fail(FailureKind::kRuntime, "0.0 cannot be raised to a negative power");
  if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) {
    fail(FailureKind::kUnsupported, "complex numbers are not supported");
  }
  double result = std::pow(a, b);
  if (std::isinf(result) && std::isfinite(a) && std::isfinite(b)) {
    fail(FailureKind::kRuntime, "numerical result out of range");
  }
  return result;
}

Int int_arithmetic(Arithmetic operation, Int a, Int b) {
  switch (operation) {
    case Arithmetic::kAdd:
      return add_ints(a, b);
    case Arithmetic::kSub: {
      Int result;
      if (__builtin_sub_overflow(a, b, &result)) overflow();
      return result;
    }
    case Arithmetic::kMul:
      return multiply(a, b);
    case Arithmetic::kFloorDiv:
      return floor_divide(a, b);
    case Arithmetic::kMod:
      return floor_modulo(a, b);
    default:
      return power(a, b);
  }
}

double float_arithmetic(Arithmetic operation, double a, double b) {
  switch (operation) {
    case Arithmetic::kAdd:
      return a + b;
    case Arithmetic::kSub:
      return a - b;
    case Arithmetic::kMul:
      return a * b;
    case Arithmetic::kDiv:
      if (b == 0) division_by_zero("float division");
      return a / b;
    case Arithmetic::kFloorDiv:
      return float_floor_divide(a, b);
    case Arithmetic::kMod:
      return float_modulo(a, b);
    case Arithmetic::kPow:
      return float_power(a, b);
  }
  return 0;
}

}  // namespace

std::string int_text(Int value) { return int_text(value, 10); }

std::string int_text(Int value, int base) {
  UnsignedInt rest = magnitude(value);
  std::string text;
  do {
    text += "0123456789abcdef"[static_cast<int>(rest % base)];
    rest /= base;
  } while (rest != 0);
  if (value < 0) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view text(buffer, end.ptr - buffer);
  bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  size_t mark = text.find('e');
  std::string digits(1, text[0]);
  if (mark > 2) digits += text.substr(2, mark - 2);
  int exponent = std::atoi(std::string(text.substr(mark + 1)).c_str());
  std::string result = negative ? "-" : "";
  int count = static_cast<int>(digits.size());
  if (exponent < kMinPlainExponent || exponent >= kMaxPlainExponent) {
    result += digits[0];
    if (count > 1) result += "." + digits.substr(1);
    char suffix[16];
    std::snprintf(suffix, sizeof suffix, "e%+03d", exponent);
    return result + suffix;
  }
  if (exponent < 0) return result + "0." + std::string(-exponent - 1, '0') + digits;
  if (count <= exponent + 1) return result + digits + std::string(exponent + 1 - count, '0') + ".0";
  return result + digits.substr(0, exponent + 1) + "." + digits.substr(exponent + 1);
}

std::string fixed_text(double value, int precision, char type, bool alternate) {
  precision = std::min(precision, kMaxPrecision);
  Budget::steps(kFloatTextSteps + static_cast<uint64_t>(precision));
  char format[8] = "%";
  std::snprintf(format, sizeof format, "%%%s.*%c", alternate ? "#" : "", type);
  char buffer[kMaxPrecision + 400];
  int size = std::snprintf(buffer, sizeof buffer, format, precision, value);
  return std::string(buffer, size);
}

std::optional<Int> parse_int(std::string_view text, int base) {
  text = strip_space(text);
  bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  bool prefixed = false;
  if (text.size() > 1 && text[0] == '0') {
    char letter = text[1] | 0x20;
    int prefix_base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (prefix_base != 0 && (base == 0 || base == prefix_base)) {
      base = prefix_base;
      text.remove_prefix(2);
      prefixed = true;
    }
  }
  if (base == 0) {
    base = 10;
    bool zero = text.find_first_not_of("0_") == std::string_view::npos;
    if (text.size() > 1 && text[0] == '0' && !zero) return std::nullopt;
  }
  if (prefixed && !text.empty() && text[0] == '_') text.remove_prefix(1);
  UnsignedInt value = 0;
  bool after_digit = false;
  for (char c : text) {
    if (c == '_' && after_digit) {
      after_digit = false;
      continue;
    }
    int digit = digit_value(c);
    if (digit >= base) return std::nullopt;
    if (__builtin_mul_overflow(value, static_cast<UnsignedInt>(base), &value) ||
        __builtin_add_overflow(value, static_cast<UnsignedInt>(digit), &value)) {
      overflow();
    }
    after_digit = true;
  }
  if (!after_digit) return std::nullopt;
  if (value >> 127 != 0) overflow();
  return negative ? -static_cast<Int>(value) : static_cast<Int>(value);
}

std::optional<double> parse_float(std::string_view text) {
  text = strip_space(text);
  std::string clean;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '_') {
      clean += text[i];
      continue;
    }
    bool between = i > 0 && i + 1 < text.size() && digit_value(text[i - 1]) < 10 &&
                   digit_value(text[i + 1]) < 10;
    if (!between) return std::nullopt;
  }
  std::string_view digits = clean;
  bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  std::string word;
  for (char c : digits.substr(0, 9)) word += static_cast<char>(c | 0x20);
  double value = 0;
  if (word == "inf" || word == "infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (word == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    if (digits.empty() || !(digit_value(digits[0]) < 10 || digits[0] == '.')) return std::nullopt;
    auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end.ptr != digits.data() + digits.size()) return std::nullopt;
    if (end.ec == std::errc::invalid_argument) return std::nullopt;
    // Out of range: from_chars leaves the value alone, strtod gives zero or infinity.
    if (end.ec == std::errc::result_out_of_range)
      value = std::strtod(std::string(digits).c_str(), nullptr);
  }
  return negative ? -value : value;
}

std::optional<int> compare_numbers(const Value& a, const Value& b) {
  auto order = [](auto x, auto y) { return int{x > y} - int{x < y}; };
  if (a.is_integral() && b.is_integral()) return order(a.as_int(), b.as_int());
  if (a.is(Type::kFloat) && b.is(Type::kFloat)) {
    if (std::isnan(a.as_float()) || std::isnan(b.as_float())) return std::nullopt;
    return order(a.as_float(), b.as_float());
  }
  if (a.is(Type::kFloat)) {
    auto reverse = compare_numbers(b, a);
    return reverse ? std::optional<int>(-*reverse) : std::nullopt;
  }
  double real = b.as_float();
  if (std::isnan(real)) return std::nullopt;
  if (real >= kIntBound) return -1;
  if (real < -kIntBound) return 1;
  double whole = std::trunc(real);
  if (int result = order(a.as_int(), static_cast<Int>(whole))) return result;
  return order(whole, real);
}

double to_float(const Value& number) {
  return number.is(Type::kFloat) ? number.as_float() : static_cast<double>(number.as_int());
}

Int float_to_int(double value) {
  if (std::isnan(value)) value_error("cannot convert float NaN to integer");
  if (std::isinf(value)) value_error("cannot convert float infinity to integer");
  if (value >= kIntBound || value < -kIntBound) overflow();
  return static_cast<Int>(value);
}

Value arithmetic(Arithmetic operation, const Value& a, const Value& b) {
  bool integral = a.is_integral() && b.is_integral() && operation != Arithmetic::kDiv;
  if (integral && operation == Arithmetic::kPow && b.as_int() < 0) {
    integral = false;
    if (a.as_int() == 0) fail(FailureKind::kRuntime, "0.0 cannot be raised to a negative power");
  }
  if (integral) return Value::integer(int_arithmetic(operation, a.as_int(), b.as_int()));
  if (operation == Arithmetic::kDiv && a.is_integral() && b.is_integral() && b.as_int() == 0) {
    division_by_zero("division");
  }
  return Value::real(float_arithmetic(operation, to_float(a), to_float(b)));
}

Value negate(const Value& number) {
  if (number.is(Type::kFloat)) return Value::real(-number.as_float());
  return Value::integer(int_arithmetic(Arithmetic::kSub, 0, number.as_int()));
}

Value round_number(const Value& number, int64_t digits) {
  if (number.is_integral()) {
    Int value = number.as_int();
    if (digits >= 0) return Value::integer(value);
    if (digits < -38) return Value::integer(0);
    Int unit = power(10, -digits);
    Int below = multiply(floor_divide(value, unit), unit);
    Int rest = value - below;
    Int up_from = unit / 2;
    bool odd = floor_divide(value, unit) % 2 != 0;
    return Value::integer(rest > up_from || (rest == up_from && odd) ? add_ints(below, unit)
                                                                     : below);
  }
  double value = number.as_float();
  if (!std::isfinite(value) || digits > 340) return number;
  if (digits >= 0)
    return Value::real(
        std::strtod(fixed_text(value, static_cast<int>(digits), 'f').c_str(), nullptr));
  if (digits < -308) return Value::real(std::copysign(0.0, value));
  double unit = std::pow(10.0, static_cast<double>(-digits));
  return Value::real(std::nearbyint(value / unit) * unit);
}

}  // namespace mlxa::jinja
