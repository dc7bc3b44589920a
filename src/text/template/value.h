// The values that templates compute with: Python's, as far as a chat template can reach them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "text/template/budget.h"

namespace mlxa::jinja {

class Value;
class Object;
class Iterator;
struct Array;
struct Dict;

/// Python's integers, as far as 128 bits hold them; going beyond is a kLimit failure.
using Int = __int128;

/// A string: UTF-8 without surrogates. `markup` marks the result of `safe` and `escape`.
struct Str : Counted {
  Str(std::string text, bool markup);
  std::string text;
  size_t length;  ///< In code points.
  bool markup;
  bool ascii() const { return length == text.size(); }
};

/// Why a value is undefined; the message of the failure when something is done with it.
struct UndefinedInfo : Counted {
  UndefinedInfo(std::string message, FailureKind kind);
  std::string message;
  FailureKind kind;
};

enum class Type {
  kMissing,  ///< No value at all: an unset variable or argument. Templates never see it.
  kNone,
  kBool,
  kInt,
  kFloat,
  kStr,
  kArray,  ///< A list or a tuple.
  kDict,
  kUndefined,
  kObject,
};

/// One value. Copies share what they refer to. Lists, tuples, dicts and strings never change once
/// made (the sandbox forbids it), so sharing shows nowhere.
class Value {
 public:
  Value() = default;
  static Value none() { return Value(Rep(NoneRep{})); }
  static Value boolean(bool value) { return Value(Rep(value)); }
  static Value integer(Int value) { return Value(Rep(value)); }
  static Value real(double value) { return Value(Rep(value)); }
  /// Throws kLimit beyond kMaxStringBytes.
  static Value string(std::string text, bool markup = false);
  /// Throw kLimit beyond kMaxItems or kMaxValueDepth.
  static Value list(std::vector<Value> items);
  static Value tuple(std::vector<Value> items);
  static Value group(Value grouper, Value items);
  static Value dict(std::shared_ptr<const Dict> dict) { return Value(Rep(std::move(dict))); }
  static Value object(std::shared_ptr<Object> object) { return Value(Rep(std::move(object))); }
  static Value undefined(std::string message, FailureKind kind = FailureKind::kUndefined);

  Type type() const { return static_cast<Type>(rep_.index()); }
  bool is(Type type) const { return rep_.index() == static_cast<size_t>(type); }
  bool is_missing() const { return is(Type::kMissing); }
  bool is_none() const { return is(Type::kNone); }
  bool is_undefined() const { return is(Type::kUndefined); }
  bool is_str() const { return is(Type::kStr); }
  bool is_dict() const { return is(Type::kDict); }
  bool is_list() const;
  bool is_tuple() const;
  bool is_integral() const { return is(Type::kInt) || is(Type::kBool); }  ///< bool is an int.
  bool is_number() const { return is_integral() || is(Type::kFloat); }

  bool as_bool() const { return std::get<bool>(rep_); }
  Int as_int() const { return is(Type::kBool) ? Int{as_bool()} : std::get<Int>(rep_); }
  double as_float() const { return std::get<double>(rep_); }
  const Str& as_str() const { return *std::get<std::shared_ptr<const Str>>(rep_); }
  const std::string& text() const { return as_str().text; }
  const Array& as_array() const { return *std::get<std::shared_ptr<const Array>>(rep_); }
  const std::vector<Value>& items() const;
  const Dict& as_dict() const { return *std::get<std::shared_ptr<const Dict>>(rep_); }
  const std::shared_ptr<const Dict>& dict_ptr() const {
    return std::get<std::shared_ptr<const Dict>>(rep_);
  }
  const UndefinedInfo& as_undefined() const {
    return *std::get<std::shared_ptr<const UndefinedInfo>>(rep_);
  }
  Object& as_object() const { return *std::get<std::shared_ptr<Object>>(rep_); }
  const std::shared_ptr<Object>& object_ptr() const {
    return std::get<std::shared_ptr<Object>>(rep_);
  }
  /// The object as a `T`, null for anything else.
  template <typename T>
  T* object_as() const {
    return is(Type::kObject) ? dynamic_cast<T*>(&as_object()) : nullptr;
  }

  /// Python's `is`, with equal numbers and empty or one-character strings counting as one object.
  bool same_as(const Value& other) const;

  /// Levels of containers below this value.
  int depth() const;

 private:
  struct NoneRep {};
  using Rep = std::variant<std::monostate, NoneRep, bool, Int, double, std::shared_ptr<const Str>,
                           std::shared_ptr<const Array>, std::shared_ptr<const Dict>,
                           std::shared_ptr<const UndefinedInfo>, std::shared_ptr<Object>>;
  explicit Value(Rep rep) : rep_(std::move(rep)) {}
  Rep rep_;
};

/// A list or a tuple.
struct Array : Counted {
  enum class Kind { kList, kTuple, kGroup };  ///< kGroup: a tuple with the names of groupby.
  Array(std::vector<Value> items, Kind kind);
  std::vector<Value> items;
  Kind kind;
  int depth;
};

/// Order of hashable values by which dicts and sets find them: equal values are equivalent. Says
/// nothing about Python's `<`.
struct KeyOrder {
  bool operator()(const Value& a, const Value& b) const;
};

/// A dict in insertion order. Filled by its maker, never changed afterwards.
struct Dict : Counted {
  Dict() : Counted(sizeof(Dict)) {}
  /// Throws kType for an unhashable key, kLimit beyond kMaxItems or kMaxValueDepth.
  void set(Value key, Value value);
  void set(std::string key, Value value) { set(Value::string(std::move(key)), std::move(value)); }
  /// Null if there is no such key. Throws kType for an unhashable key.
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;

  std::vector<std::pair<Value, Value>> entries;
  int depth = 1;

 private:
  std::optional<size_t> locate(const Value& key) const;
  std::map<Value, size_t, KeyOrder> index_;  // kept once there are kIndexed entries
};

/// Throws kType unless `value` may be a key.
void require_hashable(const Value& value);

/// Arguments of a call.
struct CallArgs {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

/// Everything else a template can hold: ranges, iterators, functions, macros, namespaces, loops.
class Object : public Counted, public std::enable_shared_from_this<Object> {
 public:
  explicit Object(size_t bytes) : Counted(bytes) {}
  virtual ~Object() = default;

  virtual std::string type_name() const = 0;
  virtual std::string repr() const;
  virtual bool truth() const { return length().value_or(1) != 0; }
  /// len(); nothing if the type has none.
  virtual std::optional<size_t> length() const { return std::nullopt; }
  /// An attribute; missing if there is none.
  virtual Value attribute(std::string_view) { return {}; }
  /// True if object[index] exists as an operation.
  virtual bool subscriptable() const { return false; }
  /// object[index]; missing if there is no such item.
  virtual Value item(const Value&) { return {}; }
  /// A new iterator; null if the type has none.
  virtual std::shared_ptr<Iterator> iterate() { return nullptr; }
  virtual std::shared_ptr<Iterator> iterate_reversed() { return nullptr; }
  virtual std::optional<bool> contains(const Value&) { return std::nullopt; }
  virtual bool equals(const Object& other) const { return this == &other; }
  virtual bool callable() const { return false; }
  virtual Value call(CallArgs&&);
  /// Levels of containers below; objects that can change count as leaves.
  virtual int depth() const { return 1; }
};

/// Python's iterator: yields each item once.
class Iterator : public Object {
 public:
  Iterator() : Object(kBytes) {}
  /// False at the end. Charges a step.
  bool next(Value& item) {
    Budget::Level level;
    Budget::steps(1);
    return advance(item);
  }
  std::string type_name() const override { return "generator"; }
  std::shared_ptr<Iterator> iterate() override {
    return std::static_pointer_cast<Iterator>(shared_from_this());
  }

 private:
  static constexpr size_t kBytes = 128;
  virtual bool advance(Value& item) = 0;
};

}  // namespace mlxa::jinja
