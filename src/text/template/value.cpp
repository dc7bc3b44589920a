#include "text/template/value.h"

#include <algorithm>
#include <cmath>

#include "text/template/numbers.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

constexpr size_t kIndexed = 12;  // entries from which a dict keeps a search tree
constexpr size_t kEntryBytes = sizeof(std::pair<Value, Value>);
constexpr size_t kIndexBytes = 96;     // one node of the tree
constexpr uint64_t kLookupSteps = 16;  // a search in the tree

int nest(int depth) {
  if (depth >= kMaxValueDepth) fail(FailureKind::kLimit, "value nested too deeply");
  return depth + 1;
}

int deepest(const std::vector<Value>& items) {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  return depth;
}

// None, numbers, strings, tuples, the undefined value, objects.
int key_rank(const Value& value) {
  switch (value.type()) {
    case Type::kMissing:
    case Type::kNone:
      return 0;
    case Type::kBool:
    case Type::kInt:
    case Type::kFloat:
      return 1;
    case Type::kStr:
      return 2;
    case Type::kArray:
    case Type::kDict:
      return 3;
    case Type::kUndefined:
      return 4;
    case Type::kObject:
      return 5;
  }
  return 5;
}

// Numbers as compare_numbers; not-a-number after all others.
int compare_number_keys(const Value& a, const Value& b) {
  bool a_nan = a.is(Type::kFloat) && std::isnan(a.as_float());
  bool b_nan = b.is(Type::kFloat) && std::isnan(b.as_float());
  if (a_nan || b_nan) return int{a_nan} - int{b_nan};
  return *compare_numbers(a, b);
}

int compare_keys(const Value& a, const Value& b) {
  int rank = key_rank(a);
  if (int difference = rank - key_rank(b)) return difference;
  if (rank == 1) return compare_number_keys(a, b);
  if (rank == 2) {
    Budget::steps(a.text().size() / kBytesPerStep);
    return a.text().compare(b.text());
  }
  if (rank == 3) {
    Budget::steps(1);
    const auto& x = a.items();
    const auto& y = b.items();
    for (size_t i = 0; i < std::min(x.size(), y.size()); i++) {
      if (int difference = compare_keys(x[i], y[i])) return difference;
    }
    return int{x.size() > y.size()} - int{x.size() < y.size()};
  }
  if (rank == 5) {
    std::less<> less;
    return int{less(&b.as_object(), &a.as_object())} - int{less(&a.as_object(), &b.as_object())};
  }
  return 0;
}

std::shared_ptr<const Array> checked_array(std::vector<Value> items, Array::Kind kind) {
  if (items.size() > kMaxItems) fail(FailureKind::kLimit, "list too long");
  Budget::work(items.size() * sizeof(Value));
  return std::make_shared<const Array>(std::move(items), kind);
}

}  // namespace

Str::Str(std::string text_in, bool markup)
    : Counted(sizeof(Str) + text_in.size()),
      text(std::move(text_in)),
      length(count_code_points(text)),
      markup(markup) {}

UndefinedInfo::UndefinedInfo(std::string message_in, FailureKind kind)
    : Counted(sizeof(UndefinedInfo) + message_in.size()),
      message(std::move(message_in)),
      kind(kind) {}

Array::Array(std::vector<Value> items_in, Kind kind)
    : Counted(sizeof(Array) + items_in.size() * sizeof(Value)),
      items(std::move(items_in)),
      kind(kind),
      depth(nest(deepest(items))) {}

Value Value::string(std::string text, bool markup) {
  if (text.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  Budget::work(text.size());
  return Value(Rep(std::make_shared<const Str>(std::move(text), markup)));
}

Value Value::list(std::vector<Value> items) {
  return Value(Rep(checked_array(std::move(items), Array::Kind::kList)));
}

Value Value::tuple(std::vector<Value> items) {
  return Value(Rep(checked_array(std::move(items), Array::Kind::kTuple)));
}

Value Value::group(Value grouper, Value items) {
  std::vector<Value> pair{std::move(grouper), std::move(items)};
  return Value(Rep(checked_array(std::move(pair), Array::Kind::kGroup)));
}

Value Value::undefined(std::string message, FailureKind kind) {
  return Value(Rep(std::make_shared<const UndefinedInfo>(std::move(message), kind)));
}

bool Value::is_list() const { return is(Type::kArray) && as_array().kind == Array::Kind::kList; }
bool Value::is_tuple() const { return is(Type::kArray) && as_array().kind != Array::Kind::kList; }
const std::vector<Value>& Value::items() const { return as_array().items; }

bool Value::same_as(const Value& other) const {
  if (type() != other.type()) return false;
  switch (type()) {
    case Type::kMissing:
    case Type::kNone:
      return true;
    case Type::kBool:
      return as_bool() == other.as_bool();
    case Type::kInt:
      return as_int() == other.as_int();
    case Type::kFloat:
      return as_float() == other.as_float();
    case Type::kStr:
      return &as_str() == &other.as_str() ||
             (as_str().length <= 1 && text() == other.text() && !as_str().markup);
    case Type::kArray:
      return &as_array() == &other.as_array();
    case Type::kDict:
      return &as_dict() == &other.as_dict();
    case Type::kUndefined:
      return &as_undefined() == &other.as_undefined();
    case Type::kObject:
      return &as_object() == &other.as_object();
  }
  return false;
}

int Value::depth() const {
  if (is(Type::kArray)) return as_array().depth;
  if (is(Type::kDict)) return as_dict().depth;
  if (is(Type::kObject)) return as_object().depth();
  return 0;
}

bool KeyOrder::operator()(const Value& a, const Value& b) const { return compare_keys(a, b) < 0; }

void require_hashable(const Value& value) {
  if (value.is_list()) type_error("unhashable type: 'list'");
  if (value.is_dict()) type_error("unhashable type: 'dict'");
  if (value.is_tuple()) {
    Budget::steps(1);
    for (const Value& item : value.items()) require_hashable(item);
  }
}

std::optional<size_t> Dict::locate(const Value& key) const {
  if (entries.size() >= kIndexed) {
    Budget::steps(kLookupSteps);
    auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    return found->second;
  }
  for (size_t i = 0; i < entries.size(); i++) {
    if (compare_keys(entries[i].first, key) == 0) return i;
  }
  return std::nullopt;
}

void Dict::set(Value key, Value value) {
  require_hashable(key);
  depth = std::max(depth, nest(std::max(key.depth(), value.depth())));
  if (auto position = locate(key)) {
    entries[*position].second = std::move(value);
    return;
  }
  if (entries.size() >= kMaxItems) fail(FailureKind::kLimit, "dict too large");
  grow(kEntryBytes + kIndexBytes);
  entries.emplace_back(std::move(key), std::move(value));
  if (entries.size() == kIndexed) {
    for (size_t i = 0; i < kIndexed; i++) index_.emplace(entries[i].first, i);
  } else if (entries.size() > kIndexed) {
    index_.emplace(entries.back().first, entries.size() - 1);
  }
}

const Value* Dict::find(const Value& key) const {
  require_hashable(key);
  auto position = locate(key);
  return position ? &entries[*position].second : nullptr;
}

const Value* Dict::find(std::string_view key) const {
  if (entries.size() >= kIndexed) return find(Value::string(std::string(key)));
  for (const auto& [name, value] : entries) {
    if (name.is_str() && name.text() == key) return &value;
  }
  return nullptr;
}

std::string Object::repr() const { return "<" + type_name() + " object>"; }

Value Object::call(CallArgs&&) { type_error("'" + type_name() + "' object is not callable"); }

}  // namespace mlxa::jinja
