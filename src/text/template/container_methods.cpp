// Attributes of lists, tuples, dicts and numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "text/template/call.h"
#include "text/template/objects.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

using Arguments = std::vector<Value>;

constexpr std::array<std::string_view, 8> kListChanges{"append", "clear",  "extend",  "insert",
                                                       "pop",    "remove", "reverse", "sort"};
constexpr std::array<std::string_view, 5> kDictChanges{"clear", "pop", "popitem", "setdefault",
                                                       "update"};

Value index_of(const Value& self, Arguments& a) {
  const auto& items = self.items();
  auto bound = [&](const Value& value, int64_t fallback) {
    if (value.is_missing()) return fallback;
    int64_t at = to_clamped_index(value);
    return at < 0 ? std::max<int64_t>(at + static_cast<int64_t>(items.size()), 0) : at;
  };
  int64_t size = static_cast<int64_t>(items.size());
  int64_t last = std::min(bound(a[2], size), size);
  for (int64_t i = bound(a[1], 0); i < last; i++) {
    if (equal(items[static_cast<size_t>(i)], a[0])) return Value::integer(i);
  }
  value_error(repr(a[0]) + " is not in " + type_name(self));
}

Value count_of(const Value& self, Arguments& a) {
  Int count = 0;
  for (const Value& item : self.items()) count += equal(item, a[0]);
  return Value::integer(count);
}

Value get(const Value& self, Arguments& a) {
  if (const Value* found = self.as_dict().find(a[0])) return *found;
  return a[1].is_missing() ? Value::none() : a[1];
}

Value view(const Value& self, DictView::Kind kind) {
  return Value::object(std::make_shared<DictView>(self, kind));
}

Value from_keys(const Value&, Arguments& a) {
  auto dict = std::make_shared<Dict>();
  auto keys = iterate(a[0]);
  Value value = a[1].is_missing() ? Value::none() : a[1];
  for (Value key; keys->next(key);) dict->set(key, value);
  return Value::dict(std::move(dict));
}

Value copy(const Value& self, Arguments&) {
  if (self.is_list()) return Value::list(self.items());
  auto dict = std::make_shared<Dict>();
  for (const auto& [key, value] : self.as_dict().entries) dict->set(key, value);
  return Value::dict(std::move(dict));
}

Int bit_count(Int value) {
  Int count = 0;
  for (char digit : int_text(value, 2)) count += digit == '1';
  return count;
}

Int bit_length(Int value) {
  if (value == 0) return 0;
  std::string digits = int_text(value, 2);
  return static_cast<Int>(digits.size()) - (value < 0 ? 1 : 0);
}

// The lowest terms of a float, by doubling until it is whole.
Value float_ratio(const Value& self, Arguments&) {
  double whole = self.as_float();
  Int denominator = 1;
  if (!std::isfinite(whole)) value_error("cannot convert Infinity or NaN to integer ratio");
  while (whole != std::floor(whole)) {
    whole *= 2;
    if (denominator > (Int{1} << 125)) fail(FailureKind::kLimit, "integer overflow");
    denominator *= 2;
  }
  return Value::tuple({Value::integer(float_to_int(whole)), Value::integer(denominator)});
}

const Signature kNone{};

const std::vector<Method>& array_methods() {
  static const std::vector<Method> kMethods{
      {"copy", kNone, copy},
      {"count", {{"value"}, 1, false}, count_of},
      {"index", {{"value", "start", "stop"}, 1, false}, index_of},
  };
  return kMethods;
}

const std::vector<Method>& dict_methods() {
  static const std::vector<Method> kMethods{
      {"copy", kNone, copy},
      {"fromkeys", {{"iterable", "value"}, 1, false}, from_keys},
      {"get", {{"key", "default"}, 1, false}, get},
      {"items", kNone, [](const Value& s, Arguments&) { return view(s, DictView::Kind::kItems); }},
      {"keys", kNone, [](const Value& s, Arguments&) { return view(s, DictView::Kind::kKeys); }},
      {"values", kNone,
       [](const Value& s, Arguments&) { return view(s, DictView::Kind::kValues); }},
  };
  return kMethods;
}

const std::vector<Method>& int_methods() {
  static const std::vector<Method> kMethods{
      {"as_integer_ratio", kNone,
       [](const Value& s, Arguments&) {
         return Value::tuple({Value::integer(s.as_int()), Value::integer(1)});
       }},
      {"bit_count", kNone,
       [](const Value& s, Arguments&) { return Value::integer(bit_count(s.as_int())); }},
      {"bit_length", kNone,
       [](const Value& s, Arguments&) { return Value::integer(bit_length(s.as_int())); }},
      {"conjugate", kNone, [](const Value& s, Arguments&) { return Value::integer(s.as_int()); }},
      {"from_bytes", kNone, nullptr},
      {"to_bytes", kNone, nullptr},
  };
  return kMethods;
}

const std::vector<Method>& float_methods() {
  static const std::vector<Method> kMethods{
      {"as_integer_ratio", kNone, float_ratio},
      {"conjugate", kNone, [](const Value& s, Arguments&) { return s; }},
      {"fromhex", kNone, nullptr},
      {"hex", kNone, nullptr},
      {"is_integer", kNone,
       [](const Value& s, Arguments&) {
         return Value::boolean(std::isfinite(s.as_float()) &&
                               s.as_float() == std::floor(s.as_float()));
       }},
  };
  return kMethods;
}

template <size_t N>
bool listed(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Value container_method(const Value& self, std::string_view name) {
  if ((self.is_list() && listed(kListChanges, name)) ||
      (self.is_dict() && listed(kDictChanges, name))) {
    return Value::undefined("access to attribute '" + std::string(name) + "' of '" +
                                type_name(self) + "' object is unsafe.",
                            FailureKind::kSecurity);
  }
  if (self.is_dict()) return bind_method(dict_methods(), self, name);
  if (self.as_array().kind == Array::Kind::kGroup) {
    if (name == "grouper") return self.items()[0];
    if (name == "list") return self.items()[1];
  }
  if (self.is_tuple() && name == "copy") return {};
  return bind_method(array_methods(), self, name);
}

Value number_attribute(const Value& self, std::string_view name) {
  bool real = self.is(Type::kFloat);
  if (name == "real") return real ? self : Value::integer(self.as_int());
  if (name == "imag") return real ? Value::real(0) : Value::integer(0);
  if (real) return bind_method(float_methods(), self, name);
  if (name == "numerator") return Value::integer(self.as_int());
  if (name == "denominator") return Value::integer(1);
  return bind_method(int_methods(), self, name);
}

}  // namespace mlxa::jinja
