// The objects of the global functions, and the views of dicts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/template/attributes.h"
#include "text/template/value.h"

namespace mlxa::jinja {

/// range(start, stop, step).
class Range : public Object {
 public:
  Range(Int start, Int stop, Int step);  ///< `step` is not 0.
  /// As range(): one to three integers. Throws kType, kValue, and kRuntime beyond kMaxRange.
  static Value make(CallArgs&& args);

  std::string type_name() const override { return "range"; }
  std::string repr() const override;
  std::optional<size_t> length() const override { return static_cast<size_t>(size_); }
  Value attribute(std::string_view name) override;
  bool subscriptable() const override { return true; }
  Value item(const Value& index) override;
  std::shared_ptr<Iterator> iterate() override;
  std::shared_ptr<Iterator> iterate_reversed() override;
  std::optional<bool> contains(const Value& value) override;
  bool equals(const Object& other) const override;

  Value slice(const SliceRange& range) const;
  Int at(Int position) const { return start_ + position * step_; }

 private:
  std::optional<Int> position_of(const Value& value) const;

  Int start_, stop_, step_, size_;
};

/// dict.keys(), dict.values() and dict.items().
class DictView : public Object {
 public:
  enum class Kind { kKeys, kValues, kItems };
  DictView(Value dict, Kind kind);

  std::string type_name() const override;
  std::string repr() const override;
  std::optional<size_t> length() const override;
  std::shared_ptr<Iterator> iterate() override;
  std::shared_ptr<Iterator> iterate_reversed() override;
  std::optional<bool> contains(const Value& value) override;
  bool equals(const Object& other) const override;
  int depth() const override { return dict_.depth() + 1; }

 private:
  std::vector<Value> collect() const;

  Value dict_;
  Kind kind_;
};

/// namespace(...): the one object whose attributes templates may set.
class Namespace : public Object, public Clearable {
 public:
  Namespace() : Object(sizeof(Namespace)), attributes_(std::make_shared<Dict>()) {}
  /// An empty one, kept until the end of the rendering.
  static std::shared_ptr<Namespace> make();

  std::string type_name() const override { return "Namespace"; }
  std::string repr() const override;
  Value attribute(std::string_view name) override;

  /// Throws kSecurity for a name that starts with an underscore.
  void set(const Value& name, Value value);
  void clear() override { attributes_ = std::make_shared<Dict>(); }

 private:
  std::shared_ptr<Dict> attributes_;
  mutable bool printing_ = false;
};

/// joiner(sep): empty when first called, the separator from then on.
class Joiner : public Object {
 public:
  explicit Joiner(Value separator) : Object(sizeof(Joiner)), separator_(std::move(separator)) {}
  std::string type_name() const override { return "Joiner"; }
  Value attribute(std::string_view name) override;
  bool callable() const override { return true; }
  Value call(CallArgs&& args) override;
  int depth() const override { return separator_.depth() + 1; }

 private:
  Value separator_;
  bool used_ = false;
};

/// cycler(items...): hands out its items in turn.
class Cycler : public Object {
 public:
  explicit Cycler(Value items) : Object(sizeof(Cycler)), items_(std::move(items)) {}
  std::string type_name() const override { return "Cycler"; }
  Value attribute(std::string_view name) override;
  int depth() const override { return items_.depth() + 1; }

 private:
  Value items_;
  size_t position_ = 0;
};

}  // namespace mlxa::jinja
