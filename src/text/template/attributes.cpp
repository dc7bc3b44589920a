#include "text/template/attributes.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "text/template/call.h"
#include "text/template/objects.h"
#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

// Attributes of every Python object, and of its containers, numbers and strings. The sandbox gives
// out none of them.
constexpr std::array<std::string_view, 34> kInternal{
    "__class__",   "__delattr__", "__dir__",           "__doc__",          "__eq__",
    "__format__",  "__ge__",      "__getattribute__",  "__getstate__",     "__gt__",
    "__hash__",    "__init__",    "__init_subclass__", "__le__",           "__lt__",
    "__ne__",      "__new__",     "__reduce__",        "__reduce_ex__",    "__repr__",
    "__setattr__", "__sizeof__",  "__str__",           "__subclasshook__", "__len__",
    "__getitem__", "__iter__",    "__contains__",      "__add__",          "__mul__",
    "__call__",    "__dict__",    "__module__",        "__globals__"};

Value unsafe_member(const Value& object, const std::string& name) {
  return Value::undefined(
      "access to attribute " + quote(name) + " of '" + type_name(object) + "' object is unsafe.",
      FailureKind::kSecurity);
}

std::optional<Value> sequence_item(const Value& object, const Value& index) {
  if (!index.is_integral()) return std::nullopt;
  Int size = static_cast<Int>(length(object));
  Int position = index.as_int();
  if (position < 0) position += size;
  if (position < 0 || position >= size) return std::nullopt;
  auto at = static_cast<size_t>(position);
  if (object.is(Type::kArray)) return object.items()[at];
  const Str& str = object.as_str();
  if (str.ascii()) return Value::string(str.text.substr(at, 1), str.markup);
  Budget::work(str.text.size());
  size_t start = byte_offset(str.text, at);
  size_t end = start;
  next_code_point(str.text, end);
  return Value::string(str.text.substr(start, end - start), str.markup);
}

bool hashable(const Value& value) {
  try {
    require_hashable(value);
    return true;
  } catch (const Failure& failure) {
    if (failure.kind != FailureKind::kType) throw;
    return false;
  }
}

// object[index] alone; nothing if that fails as a lookup or by type.
std::optional<Value> find_item(const Value& object, const Value& index) {
  switch (object.type()) {
    case Type::kStr:
    case Type::kArray:
      return sequence_item(object, index);
    case Type::kDict: {
      if (!hashable(index)) return std::nullopt;
      const Value* found = object.as_dict().find(index);
      return found ? std::optional<Value>(*found) : std::nullopt;
    }
    case Type::kObject: {
      if (!object.as_object().subscriptable()) return std::nullopt;
      Value item = object.as_object().item(index);
      return item.is_missing() ? std::nullopt : std::optional<Value>(item);
    }
    default:
      return std::nullopt;
  }
}

Value slice_text(const Str& str, const SliceRange& range) {
  if (range.step == 1 && str.ascii()) {
    return Value::string(str.text.substr(static_cast<size_t>(range.start), range.count),
                         str.markup);
  }
  Budget::work(str.text.size());
  if (range.step == 1) {
    size_t start = byte_offset(str.text, static_cast<size_t>(range.start));
    std::string_view rest = std::string_view(str.text).substr(start);
    return Value::string(std::string(rest.substr(0, byte_offset(rest, range.count))), str.markup);
  }
  std::u32string points = to_utf32(str.text);
  std::u32string result;
  for (size_t i = 0; i < range.count; i++) {
    result += points[static_cast<size_t>(range.start + static_cast<int64_t>(i) * range.step)];
  }
  return Value::string(to_utf8(result), str.markup);
}

// A bound of a slice: nothing for none, else the index.
std::optional<Int> slice_bound(const Value& bound) {
  if (bound.is_missing() || bound.is_none()) return std::nullopt;
  if (bound.is_integral()) return bound.as_int();
  type_error("slice indices must be integers or None or have an __index__ method");
}

}  // namespace

Value undefined_member(const Value& object, const Value& name) {
  std::string what = object.is_none() ? "None" : type_name(object) + " object";
  if (!name.is_str()) return Value::undefined(what + " has no element " + repr(name));
  return Value::undefined(quote(what) + " has no attribute " + repr(name));
}

Value find_attribute(const Value& object, const std::string& name) {
  if (name.size() > 4 && name.compare(0, 2, "__") == 0 &&
      std::find(kInternal.begin(), kInternal.end(), name) != kInternal.end()) {
    return unsafe_member(object, name);
  }
  switch (object.type()) {
    case Type::kStr:
      return string_method(object, name);
    case Type::kBool:
    case Type::kInt:
    case Type::kFloat:
      return number_attribute(object, name);
    case Type::kArray:
    case Type::kDict:
      return container_method(object, name);
    case Type::kObject:
      return object.as_object().attribute(name);
    default:
      return {};
  }
}

Value get_attribute(const Value& object, const Value& name) {
  if (object.is_undefined()) undefined_failure(object);
  Value attribute = find_attribute(object, name.text());
  if (!attribute.is_missing()) return attribute;
  if (auto item = find_item(object, name)) return *item;
  return undefined_member(object, name);
}

Value get_item(const Value& object, const Value& index) {
  if (object.is_undefined()) undefined_failure(object);
  if (auto item = find_item(object, index)) return *item;
  if (index.is_str()) {
    Value attribute = find_attribute(object, index.text());
    if (!attribute.is_missing()) return attribute;
  }
  return undefined_member(object, index);
}

SliceRange slice_range(size_t size, const Value& start, const Value& stop, const Value& step) {
  Int count = static_cast<Int>(size);
  Int by = slice_bound(step).value_or(1);
  if (by == 0) value_error("slice step cannot be zero");
  constexpr Int kFar = std::numeric_limits<int64_t>::max() / 2;
  by = std::clamp(by, -kFar, kFar);
  Int lowest = by > 0 ? 0 : -1;
  Int highest = by > 0 ? count : count - 1;
  auto place = [&](std::optional<Int> bound, Int fallback) {
    if (!bound) return fallback;
    Int at = *bound < 0 ? std::max(*bound, -kFar) + count : *bound;
    return std::clamp(at, lowest, highest);
  };
  Int first = place(slice_bound(start), by > 0 ? lowest : highest);
  Int last = place(slice_bound(stop), by > 0 ? highest : lowest);
  Int span = by > 0 ? last - first : first - last;
  Int stride = by > 0 ? by : -by;
  Int items = span <= 0 ? Int{0} : (span - 1) / stride + 1;
  return {static_cast<int64_t>(first), static_cast<int64_t>(last), static_cast<int64_t>(by),
          static_cast<size_t>(items)};
}

Value get_slice(const Value& object, const Value& start, const Value& stop, const Value& step) {
  if (object.is_undefined()) undefined_failure(object);
  if (auto* range = object.object_as<Range>()) {
    return range->slice(slice_range(*range->length(), start, stop, step));
  }
  if (object.is_str()) {
    return slice_text(object.as_str(), slice_range(object.as_str().length, start, stop, step));
  }
  if (object.is(Type::kArray)) {
    SliceRange range = slice_range(object.items().size(), start, stop, step);
    std::vector<Value> items;
    items.reserve(range.count);
    for (size_t i = 0; i < range.count; i++) {
      int64_t position = range.start + static_cast<int64_t>(i) * range.step;
      items.push_back(object.items()[static_cast<size_t>(position)]);
    }
    return object.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
  }
  if (object.is_dict()) type_error("unhashable type: 'slice'");
  type_error("'" + type_name(object) + "' object is not subscriptable");
}

}  // namespace mlxa::jinja
