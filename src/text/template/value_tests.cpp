// The tests of `is`.
#include <array>
#include <map>

#include "text/template/filters.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

using Arguments = std::vector<Value>;

bool remainder_is(const Value& value, const Value& by, Int wanted) {
  return equal(binary(Arithmetic::kMod, value, by), Value::integer(wanted));
}

bool has_case(const Value& value, const char* method) {
  Value text = Value::string(to_text(value));
  return truth(call(string_method(text, method), {}));
}

bool is_sequence(const Value& value) {
  if (value.is(Type::kObject)) {
    return value.as_object().subscriptable() && value.as_object().length().has_value();
  }
  return try_length(value).has_value();
}

// The name as the key of a table: anything hashable may be asked for.
bool is_known(const Value& name, bool filter) {
  require_hashable(name);
  if (!name.is_str()) return false;
  return filter ? find_filter(name.text()) != nullptr : find_test(name.text()) != nullptr;
}

std::vector<Test> rows() {
  using A = const Arguments&;
  const Signature one{{"value"}, 1};
  const Signature two{{"a", "b"}, 2, false};
  auto eq = [](A a) { return equal(a[0], a[1]); };
  auto ne = [](A a) { return !equal(a[0], a[1]); };
  auto gt = [](A a) { return ordered(Order::kGreater, a[0], a[1]); };
  auto ge = [](A a) { return ordered(Order::kGreaterEqual, a[0], a[1]); };
  auto lt = [](A a) { return ordered(Order::kLess, a[0], a[1]); };
  auto le = [](A a) { return ordered(Order::kLessEqual, a[0], a[1]); };
  return {
      {"odd", one, [](A a) { return remainder_is(a[0], Value::integer(2), 1); }},
      {"even", one, [](A a) { return remainder_is(a[0], Value::integer(2), 0); }},
      {"divisibleby", {{"value", "num"}, 2}, [](A a) { return remainder_is(a[0], a[1], 0); }},
      {"defined", one, [](A a) { return !a[0].is_undefined(); }},
      {"undefined", one, [](A a) { return a[0].is_undefined(); }},
      {"filter", one, [](A a) { return is_known(a[0], true); }},
      {"test", one, [](A a) { return is_known(a[0], false); }},
      {"none", one, [](A a) { return a[0].is_none(); }},
      {"boolean", one, [](A a) { return a[0].is(Type::kBool); }},
      {"false", one, [](A a) { return a[0].is(Type::kBool) && !a[0].as_bool(); }},
      {"true", one, [](A a) { return a[0].is(Type::kBool) && a[0].as_bool(); }},
      {"integer", one, [](A a) { return a[0].is(Type::kInt); }},
      {"float", one, [](A a) { return a[0].is(Type::kFloat); }},
      {"lower", one, [](A a) { return has_case(a[0], "islower"); }},
      {"upper", one, [](A a) { return has_case(a[0], "isupper"); }},
      {"string", one, [](A a) { return a[0].is_str(); }},
      {"mapping", one, [](A a) { return a[0].is_dict(); }},
      {"number", one, [](A a) { return a[0].is_number(); }},
      {"sequence", one, [](A a) { return is_sequence(a[0]); }},
      {"iterable", one, [](A a) { return try_iterate(a[0]) != nullptr; }},
      {"callable", {{"value"}, 1, false}, [](A a) { return is_callable(a[0]); }},
      {"sameas", {{"value", "other"}, 2}, [](A a) { return a[0].same_as(a[1]); }},
      {"escaped", one, [](A a) { return a[0].is_str() && a[0].as_str().markup; }},
      {"in", {{"value", "seq"}, 2}, [](A a) { return contains(a[0], a[1]); }},
      {"==", two, eq},
      {"eq", two, eq},
      {"equalto", two, eq},
      {"!=", two, ne},
      {"ne", two, ne},
      {">", two, gt},
      {"gt", two, gt},
      {"greaterthan", two, gt},
      {"ge", two, ge},
      {">=", two, ge},
      {"<", two, lt},
      {"lt", two, lt},
      {"lessthan", two, lt},
      {"<=", two, le},
      {"le", two, le},
  };
}

}  // namespace

bool Test::apply(CallArgs&& args) const {
  return body(bind_arguments(name, signature, std::move(args)));
}

const Test* find_test(std::string_view name) {
  static const std::map<std::string_view, Test> kTable = [] {
    std::map<std::string_view, Test> table;
    for (Test& row : rows()) table.emplace(row.name, row);
    return table;
  }();
  auto found = kTable.find(name);
  return found == kTable.end() ? nullptr : &found->second;
}

}  // namespace mlxa::jinja
