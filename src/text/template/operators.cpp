// The operators of python.h.
#include <algorithm>

#include "text/template/format.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

[[noreturn]] void unsupported_operands(const char* sign, const Value& a, const Value& b) {
  if (a.is_undefined()) undefined_failure(a);
  if (b.is_undefined()) undefined_failure(b);
  type_error("unsupported operand type(s) for " + std::string(sign) + ": '" + type_name(a) +
             "' and '" + type_name(b) + "'");
}

const char* operator_sign(Arithmetic operation) {
  static constexpr const char* kSigns[] = {"+", "-", "*", "/", "//", "%", "** or pow()"};
  return kSigns[static_cast<int>(operation)];
}

Value concatenate(const Value& a, const Value& b) {
  if (a.is_str() && b.is_str()) {
    if (a.as_str().markup || b.as_str().markup) {
      return Value::string(escape_html(a) + escape_html(b), true);
    }
    return Value::string(a.text() + b.text());
  }
  if (a.is(Type::kArray) && b.is(Type::kArray) && a.is_list() == b.is_list()) {
    std::vector<Value> items;
    items.reserve(a.items().size() + b.items().size());
    items = a.items();
    items.insert(items.end(), b.items().begin(), b.items().end());
    return a.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
  }
  if (!b.is_undefined() && (a.is_str() || a.is(Type::kArray))) {
    std::string name = type_name(a);
    type_error("can only concatenate " + name + " (not \"" + type_name(b) + "\") to " + name);
  }
  unsupported_operands("+", a, b);
}

Value repeat(const Value& sequence, Int count) {
  size_t size = sequence.is_str() ? sequence.text().size() : sequence.items().size();
  Int limit = static_cast<Int>(sequence.is_str() ? kMaxStringBytes : kMaxItems);
  Int times = size == 0 ? Int{0} : std::max(count, Int{0});
  if (times > limit || times * static_cast<Int>(size) > limit) {
    fail(FailureKind::kLimit, "repetition too long");
  }
  if (sequence.is_str()) {
    std::string text;
    text.reserve(static_cast<size_t>(times) * size);
    if (times > 0) text = sequence.text();
    while (text.size() < static_cast<size_t>(times) * size) {
      text.append(text, 0, std::min(text.size(), static_cast<size_t>(times) * size - text.size()));
    }
    return Value::string(std::move(text), sequence.as_str().markup);
  }
  std::vector<Value> items;
  items.reserve(static_cast<size_t>(times) * size);
  for (Int i = 0; i < times; i++) {
    items.insert(items.end(), sequence.items().begin(), sequence.items().end());
  }
  return sequence.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

bool repeatable(const Value& value) { return value.is_str() || value.is(Type::kArray); }

}  // namespace

Value binary(Arithmetic operation, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return arithmetic(operation, a, b);
  if (operation == Arithmetic::kAdd) return concatenate(a, b);
  if (operation == Arithmetic::kMul) {
    if (repeatable(a) && b.is_integral()) return repeat(a, b.as_int());
    if (repeatable(b) && a.is_integral()) return repeat(b, a.as_int());
    if (!a.is_undefined() && !b.is_undefined() && (repeatable(a) || repeatable(b))) {
      const Value& other = repeatable(a) ? b : a;
      type_error("can't multiply sequence by non-int of type '" + type_name(other) + "'");
    }
  }
  if (operation == Arithmetic::kMod && a.is_str()) return percent_format(a, b);
  unsupported_operands(operator_sign(operation), a, b);
}

Value unary_minus(const Value& value) {
  if (value.is_number()) return negate(value);
  if (value.is_undefined()) undefined_failure(value);
  type_error("bad operand type for unary -: '" + type_name(value) + "'");
}

Value unary_plus(const Value& value) {
  if (value.is_integral()) return Value::integer(value.as_int());
  if (value.is_number()) return value;
  if (value.is_undefined()) undefined_failure(value);
  type_error("bad operand type for unary +: '" + type_name(value) + "'");
}

}  // namespace mlxa::jinja
