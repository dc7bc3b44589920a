// Filters that make numbers, or text of numbers.
#include <cmath>

#include "text/template/filters.h"
#include "text/template/numbers.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

using Arguments = std::vector<Value>;

constexpr double kWholeFrom = 0x1p53;  // floats from here on have no fraction

Value absolute(Arguments& a) {
  if (!a[0].is_number()) type_error("bad operand type for abs(): '" + type_name(a[0]) + "'");
  if (a[0].is(Type::kFloat)) return Value::real(std::fabs(a[0].as_float()));
  Value number = Value::integer(a[0].as_int());
  return number.as_int() < 0 ? negate(number) : number;
}

Value to_real(Arguments& a) {
  if (a[0].is_undefined()) undefined_failure(a[0]);
  if (a[0].is_number()) return Value::real(to_float(a[0]));
  auto parsed = a[0].is_str() ? parse_float(a[0].text()) : std::nullopt;
  if (parsed) return Value::real(*parsed);
  return a[1].is_missing() ? Value::real(0) : a[1];
}

Value to_integer(Arguments& a) {
  Value fallback = a[1].is_missing() ? Value::integer(0) : a[1];
  if (a[0].is_undefined()) undefined_failure(a[0]);
  if (a[0].is_integral()) return Value::integer(a[0].as_int());
  if (a[0].is(Type::kFloat)) {
    double value = a[0].as_float();
    if (std::isinf(value)) value_error("cannot convert float infinity to integer");
    return std::isnan(value) ? fallback : Value::integer(float_to_int(value));
  }
  if (!a[0].is_str()) return fallback;
  Int base = a[2].is_missing() ? Int{10} : to_index(a[2]);
  if (base == 0 || (base >= 2 && base <= 36)) {
    if (auto parsed = parse_int(a[0].text(), static_cast<int>(base))) {
      return Value::integer(*parsed);
    }
  }
  auto real = parse_float(a[0].text());
  return real && std::isfinite(*real) ? Value::integer(float_to_int(*real)) : fallback;
}

Value round(Arguments& a) {
  Value precision = a[1].is_missing() ? Value::integer(0) : a[1];
  std::string method = a[2].is_missing() ? "common" : to_text(a[2]);
  if (method == "common") {
    if (!a[0].is_number()) type_error("type " + type_name(a[0]) + " doesn't define __round__");
    if (precision.is_none()) return Value::integer(float_to_int(to_float(round_number(a[0], 0))));
    return round_number(a[0], to_clamped_index(precision));
  }
  if (method != "ceil" && method != "floor") {
    fail(FailureKind::kRuntime, "method must be common, ceil or floor");
  }
  Value unit = binary(Arithmetic::kPow, Value::integer(10), precision);
  Value scaled = binary(Arithmetic::kMul, a[0], unit);
  if (!scaled.is_number()) type_error("must be real number, not " + type_name(scaled));
  if (!std::isfinite(to_float(scaled))) value_error("cannot convert float infinity to integer");
  if (scaled.is(Type::kFloat) && std::fabs(scaled.as_float()) < kWholeFrom) {
    double value = scaled.as_float();
    scaled = Value::integer(float_to_int(method == "ceil" ? std::ceil(value) : std::floor(value)));
  }
  return binary(Arithmetic::kDiv, scaled, unit);
}

Value sum(Arguments& a) {
  Value total = a[2].is_missing() ? Value::integer(0) : a[2];
  auto items = iterate(a[0]);
  if (total.is_str()) type_error("sum() can't sum strings [use ''.join(seq) instead]");
  for (Value item; items->next(item);) {
    total = binary(Arithmetic::kAdd, total, get_path(item, a[1]));
  }
  return total;
}

Value file_size(Arguments& a) {
  static constexpr const char* kPrefixes = "kMGTPEZY";
  if (a[0].is_undefined()) undefined_failure(a[0]);
  double bytes = 0;
  if (a[0].is_number()) {
    bytes = to_float(a[0]);
  } else {
    auto parsed = parse_float(require_text(a[0], "float() argument"));
    if (!parsed) value_error("could not convert string to float: " + repr(a[0]));
    bytes = *parsed;
  }
  bool binary_units = truth(a[1]);
  double base = binary_units ? 1024 : 1000;
  if (bytes == 1) return Value::string("1 Byte");
  if (bytes < base) return Value::string(int_text(float_to_int(bytes)) + " Bytes");
  double unit = base;
  size_t step = 0;
  do {
    unit *= base;
    step++;
  } while (bytes >= unit && kPrefixes[step] != '\0');
  if (bytes >= unit || kPrefixes[step] == '\0') step = std::min<size_t>(step, 8);
  std::string prefix(1, kPrefixes[step - 1]);
  if (binary_units && prefix == "k") prefix = "K";
  return Value::string(fixed_text(base * bytes / unit, 1, 'f') + " " + prefix +
                       (binary_units ? "iB" : "B"));
}

}  // namespace

std::vector<Filter> number_filters() {
  return {
      {"abs", {{"x"}, 1, false}, absolute},
      {"filesizeformat", {{"value", "binary"}, 1}, file_size},
      {"float", {{"value", "default"}, 1}, to_real},
      {"int", {{"value", "default", "base"}, 1}, to_integer},
      {"round", {{"value", "precision", "method"}, 1}, round},
      {"sum", {{"iterable", "attribute", "start"}, 1}, sum},
  };
}

}  // namespace mlxa::jinja
