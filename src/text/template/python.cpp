#include "text/template/python.h"

#include <algorithm>
#include <limits>

#include "text/template/text_search.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

bool equal_items(const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++) {
    if (!equal(a[i], b[i])) return false;
  }
  return true;
}

bool equal_dicts(const Dict& a, const Dict& b) {
  if (a.entries.size() != b.entries.size()) return false;
  for (const auto& [key, item] : a.entries) {
    const Value* other = b.find(key);
    if (!other || !equal(item, *other)) return false;
  }
  return true;
}

bool holds(Order order, int comparison) {
  switch (order) {
    case Order::kLess:
      return comparison < 0;
    case Order::kLessEqual:
      return comparison <= 0;
    case Order::kGreater:
      return comparison > 0;
    case Order::kGreaterEqual:
      return comparison >= 0;
  }
  return false;
}

const char* order_sign(Order order) {
  static constexpr const char* kSigns[] = {"<", "<=", ">", ">="};
  return kSigns[static_cast<int>(order)];
}

class ArrayIterator : public Iterator {
 public:
  ArrayIterator(Value array, bool reversed) : array_(std::move(array)), reversed_(reversed) {}

 private:
  bool advance(Value& item) override {
    const auto& items = array_.items();
    if (position_ == items.size()) return false;
    item = items[reversed_ ? items.size() - 1 - position_ : position_];
    position_++;
    return true;
  }
  int depth() const override { return array_.depth() + 1; }

  Value array_;
  bool reversed_;
  size_t position_ = 0;
};

class TextIterator : public Iterator {
 public:
  explicit TextIterator(Value text) : text_(std::move(text)) {}

 private:
  bool advance(Value& item) override {
    const std::string& text = text_.text();
    if (offset_ == text.size()) return false;
    size_t start = offset_;
    next_code_point(text, offset_);
    item = Value::string(text.substr(start, offset_ - start));
    return true;
  }

  Value text_;
  size_t offset_ = 0;
};

class KeyIterator : public Iterator {
 public:
  KeyIterator(Value dict, bool reversed) : dict_(std::move(dict)), reversed_(reversed) {}

 private:
  bool advance(Value& item) override {
    const auto& entries = dict_.as_dict().entries;
    if (position_ == entries.size()) return false;
    item = entries[reversed_ ? entries.size() - 1 - position_ : position_].first;
    position_++;
    return true;
  }
  int depth() const override { return dict_.depth() + 1; }

  Value dict_;
  bool reversed_;
  size_t position_ = 0;
};

}  // namespace

std::string type_name(const Value& value) {
  switch (value.type()) {
    case Type::kMissing:
    case Type::kNone:
      return "NoneType";
    case Type::kBool:
      return "bool";
    case Type::kInt:
      return "int";
    case Type::kFloat:
      return "float";
    case Type::kStr:
      return value.as_str().markup ? "Markup" : "str";
    case Type::kArray:
      return value.is_list() ? "list" : "tuple";
    case Type::kDict:
      return "dict";
    case Type::kUndefined:
      return "Undefined";
    case Type::kObject:
      return value.as_object().type_name();
  }
  return "";
}

bool truth(const Value& value) {
  switch (value.type()) {
    case Type::kMissing:
    case Type::kNone:
    case Type::kUndefined:
      return false;
    case Type::kBool:
      return value.as_bool();
    case Type::kInt:
      return value.as_int() != 0;
    case Type::kFloat:
      return value.as_float() != 0;
    case Type::kStr:
      return !value.text().empty();
    case Type::kArray:
      return !value.items().empty();
    case Type::kDict:
      return !value.as_dict().entries.empty();
    case Type::kObject:
      return value.as_object().truth();
  }
  return false;
}

std::string to_text(const Value& value) {
  switch (value.type()) {
    case Type::kMissing:
    case Type::kUndefined:
      return "";
    case Type::kNone:
      return "None";
    case Type::kBool:
      return value.as_bool() ? "True" : "False";
    case Type::kInt:
      return int_text(value.as_int());
    case Type::kFloat:
      return float_text(value.as_float());
    case Type::kStr:
      return value.text();
    default:
      return repr(value);
  }
}

Value soft_string(const Value& value) {
  return value.is_str() ? value : Value::string(to_text(value));
}

bool equal(const Value& a, const Value& b) {
  Budget::Level level;
  Budget::steps(1);
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Type::kStr:
      if (a.text().size() != b.text().size()) return false;
      Budget::work(a.text().size());
      return a.text() == b.text();
    case Type::kArray:
      return a.is_list() == b.is_list() &&
             (&a.as_array() == &b.as_array() || equal_items(a.items(), b.items()));
    case Type::kDict:
      return &a.as_dict() == &b.as_dict() || equal_dicts(a.as_dict(), b.as_dict());
    case Type::kObject:
      return a.as_object().equals(b.as_object());
    default:
      return true;
  }
}

bool ordered(Order order, const Value& a, const Value& b) {
  Budget::Level level;
  Budget::steps(1);
  if (a.is_number() && b.is_number()) {
    auto comparison = compare_numbers(a, b);
    return comparison && holds(order, *comparison);
  }
  if (a.is_str() && b.is_str()) {
    Budget::work(std::min(a.text().size(), b.text().size()));
    return holds(order, a.text().compare(b.text()));
  }
  if (a.is(Type::kArray) && b.is(Type::kArray) && a.is_list() == b.is_list()) {
    const auto& x = a.items();
    const auto& y = b.items();
    for (size_t i = 0; i < std::min(x.size(), y.size()); i++) {
      if (!equal(x[i], y[i])) return ordered(order, x[i], y[i]);
    }
    return holds(order, int{x.size() > y.size()} - int{x.size() < y.size()});
  }
  if (a.is_undefined()) undefined_failure(a);
  if (b.is_undefined()) undefined_failure(b);
  type_error("'" + std::string(order_sign(order)) + "' not supported between instances of '" +
             type_name(a) + "' and '" + type_name(b) + "'");
}

bool contains(const Value& item, const Value& container) {
  if (container.is_str()) {
    if (!item.is_str()) {
      type_error("'in <string>' requires string as left operand, not " + type_name(item));
    }
    return find_text(container.text(), item.text()) != std::string::npos;
  }
  if (container.is_dict()) return container.as_dict().find(item) != nullptr;
  if (container.is(Type::kObject)) {
    if (auto found = container.as_object().contains(item)) return *found;
  }
  auto items = try_iterate(container);
  if (!items) type_error("argument of type '" + type_name(container) + "' is not iterable");
  for (Value candidate; items->next(candidate);) {
    if (candidate.same_as(item) || equal(candidate, item)) return true;
  }
  return false;
}

std::optional<size_t> try_length(const Value& value) {
  switch (value.type()) {
    case Type::kUndefined:
      return 0;
    case Type::kStr:
      return value.as_str().length;
    case Type::kArray:
      return value.items().size();
    case Type::kDict:
      return value.as_dict().entries.size();
    case Type::kObject:
      return value.as_object().length();
    default:
      return std::nullopt;
  }
}

size_t length(const Value& value) {
  if (auto size = try_length(value)) return *size;
  type_error("object of type '" + type_name(value) + "' has no len()");
}

std::shared_ptr<Iterator> try_iterate(const Value& value) {
  switch (value.type()) {
    case Type::kUndefined:
      return iterate_items({});
    case Type::kStr:
      return std::make_shared<TextIterator>(value);
    case Type::kArray:
      return std::make_shared<ArrayIterator>(value, false);
    case Type::kDict:
      return std::make_shared<KeyIterator>(value, false);
    case Type::kObject:
      return value.as_object().iterate();
    default:
      return nullptr;
  }
}

std::shared_ptr<Iterator> iterate(const Value& value) {
  if (auto iterator = try_iterate(value)) return iterator;
  type_error("'" + type_name(value) + "' object is not iterable");
}

std::shared_ptr<Iterator> try_reverse(const Value& value) {
  switch (value.type()) {
    case Type::kUndefined:
      return iterate_items({});
    case Type::kStr: {
      std::vector<Value> characters = to_vector(value);
      std::reverse(characters.begin(), characters.end());
      if (value.as_str().markup) {
        for (Value& c : characters) c = Value::string(c.text(), true);
      }
      return iterate_items(std::move(characters));
    }
    case Type::kArray:
      return std::make_shared<ArrayIterator>(value, true);
    case Type::kDict:
      return std::make_shared<KeyIterator>(value, true);
    case Type::kObject:
      return value.as_object().iterate_reversed();
    default:
      return nullptr;
  }
}

std::vector<Value> to_vector(const Value& value) {
  if (value.is(Type::kArray)) return value.items();
  std::vector<Value> items;
  auto iterator = iterate(value);
  for (Value item; iterator->next(item);) {
    if (items.size() >= kMaxItems) fail(FailureKind::kLimit, "list too long");
    items.push_back(std::move(item));
  }
  return items;
}

std::shared_ptr<Iterator> iterate_items(std::vector<Value> items) {
  return std::make_shared<ArrayIterator>(Value::list(std::move(items)), false);
}

void undefined_failure(const Value& undefined) {
  throw Failure(undefined.as_undefined().kind, undefined.as_undefined().message);
}

Int to_index(const Value& value) {
  if (value.is_integral()) return value.as_int();
  type_error("'" + type_name(value) + "' object cannot be interpreted as an integer");
}

int64_t to_clamped_index(const Value& value) {
  constexpr Int kLow = std::numeric_limits<int64_t>::min();
  constexpr Int kHigh = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(to_index(value), kLow, kHigh));
}

const std::string& require_text(const Value& value, const char* what) {
  if (value.is_str()) return value.text();
  type_error(std::string(what) + " must be str, not " + type_name(value));
}

}  // namespace mlxa::jinja
