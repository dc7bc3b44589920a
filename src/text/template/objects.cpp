#include "text/template/objects.h"

#include <algorithm>

#include "text/template/call.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

class RangeIterator : public Iterator {
 public:
  RangeIterator(Int next, Int step, Int count) : next_(next), step_(step), count_(count) {}

 private:
  bool advance(Value& item) override {
    if (count_ == 0) return false;
    item = Value::integer(next_);
    next_ += step_;
    count_--;
    return true;
  }

  Int next_, step_, count_;
};

// Bounds from which sizes and items of a range cannot overflow.
constexpr Int kFarBound = Int{1} << 100;

Int range_size(Int start, Int stop, Int step) {
  if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : Int{0};
  return start > stop ? (start - stop - 1) / -step + 1 : Int{0};
}

}  // namespace

Range::Range(Int start, Int stop, Int step)
    : Object(sizeof(Range)),
      start_(start),
      stop_(stop),
      step_(step),
      size_(range_size(start, stop, step)) {}

Value Range::make(CallArgs&& args) {
  std::vector<Value> given =
      bind_arguments("range", {{"start", "stop", "step"}, 1, false}, std::move(args));
  std::vector<Int> bounds;
  for (const Value& value : given) {
    if (value.is_missing()) continue;
    bounds.push_back(to_index(value));
    if (bounds.back() > kFarBound || bounds.back() < -kFarBound) {
      fail(FailureKind::kRuntime, "range() arguments are too large");
    }
  }
  Int start = bounds.size() == 1 ? Int{0} : bounds[0];
  Int stop = bounds.size() == 1 ? bounds[0] : bounds[1];
  Int step = bounds.size() == 3 ? bounds[2] : Int{1};
  if (step == 0) value_error("range() arg 3 must not be zero");
  if (range_size(start, stop, step) > kMaxRange) {
    fail(FailureKind::kRuntime, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" +
                                    std::to_string(kMaxRange) + ").");
  }
  return Value::object(std::make_shared<Range>(start, stop, step));
}

std::string Range::repr() const {
  std::string text = "range(" + int_text(start_) + ", " + int_text(stop_);
  return text + (step_ == 1 ? ")" : ", " + int_text(step_) + ")");
}

Value Range::attribute(std::string_view name) {
  if (name == "start") return Value::integer(start_);
  if (name == "stop") return Value::integer(stop_);
  if (name == "step") return Value::integer(step_);
  if (name != "index" && name != "count") return {};
  bool count = name == "count";
  auto self = std::static_pointer_cast<Range>(shared_from_this());
  Signature signature{{"value"}, 1, false};
  return Function::make(std::string(name), signature, [self, count](std::vector<Value>& args) {
    auto position = self->position_of(args[0]);
    if (count) return Value::integer(position ? 1 : 0);
    if (!position) value_error(jinja::repr(args[0]) + " is not in range");
    return Value::integer(*position);
  });
}

std::optional<Int> Range::position_of(const Value& value) const {
  if (!value.is_number()) return std::nullopt;
  Int number = 0;
  if (value.is_integral()) {
    number = value.as_int();
  } else {
    double real = value.as_float();
    if (!(real > -0x1p100 && real < 0x1p100)) return std::nullopt;
    number = static_cast<Int>(real);
    if (static_cast<double>(number) != real) return std::nullopt;
  }
  if (number > kFarBound || number < -kFarBound) return std::nullopt;
  Int offset = number - start_;
  if (offset % step_ != 0) return std::nullopt;
  Int position = offset / step_;
  return position >= 0 && position < size_ ? std::optional<Int>(position) : std::nullopt;
}

Value Range::item(const Value& index) {
  if (!index.is_integral()) return {};
  Int position = index.as_int() < 0 ? index.as_int() + size_ : index.as_int();
  if (position < 0 || position >= size_) return {};
  return Value::integer(at(position));
}

std::shared_ptr<Iterator> Range::iterate() {
  return std::make_shared<RangeIterator>(start_, step_, size_);
}

std::shared_ptr<Iterator> Range::iterate_reversed() {
  return std::make_shared<RangeIterator>(at(size_ - 1), -step_, size_);
}

std::optional<bool> Range::contains(const Value& value) { return position_of(value).has_value(); }

bool Range::equals(const Object& other) const {
  const auto* range = dynamic_cast<const Range*>(&other);
  if (!range || range->size_ != size_) return false;
  return size_ == 0 || (start_ == range->start_ && (size_ == 1 || step_ == range->step_));
}

Value Range::slice(const SliceRange& range) const {
  return Value::object(
      std::make_shared<Range>(at(range.start), at(range.stop), step_ * range.step));
}

DictView::DictView(Value dict, Kind kind)
    : Object(sizeof(DictView)), dict_(std::move(dict)), kind_(kind) {}

std::string DictView::type_name() const {
  static constexpr const char* kNames[] = {"dict_keys", "dict_values", "dict_items"};
  return kNames[static_cast<int>(kind_)];
}

std::vector<Value> DictView::collect() const {
  std::vector<Value> items;
  for (const auto& [key, value] : dict_.as_dict().entries) {
    if (kind_ == Kind::kKeys) items.push_back(key);
    if (kind_ == Kind::kValues) items.push_back(value);
    if (kind_ == Kind::kItems) items.push_back(Value::tuple({key, value}));
  }
  return items;
}

std::string DictView::repr() const {
  return type_name() + "(" + jinja::repr(Value::list(collect())) + ")";
}

std::optional<size_t> DictView::length() const { return dict_.as_dict().entries.size(); }
std::shared_ptr<Iterator> DictView::iterate() { return iterate_items(collect()); }

std::shared_ptr<Iterator> DictView::iterate_reversed() {
  std::vector<Value> items = collect();
  std::reverse(items.begin(), items.end());
  return iterate_items(std::move(items));
}

std::optional<bool> DictView::contains(const Value& value) {
  if (kind_ == Kind::kKeys) return dict_.as_dict().find(value) != nullptr;
  if (kind_ == Kind::kValues) return std::nullopt;
  if (!value.is_tuple() || value.items().size() != 2) return false;
  const Value* found = dict_.as_dict().find(value.items()[0]);
  return found && equal(*found, value.items()[1]);
}

bool DictView::equals(const Object& other) const {
  const auto* view = dynamic_cast<const DictView*>(&other);
  if (!view || kind_ == Kind::kValues || view->kind_ == Kind::kValues) return this == &other;
  if (*length() != *view->length()) return false;
  auto mine = collect();
  return std::all_of(mine.begin(), mine.end(), [&](const Value& item) {
    return const_cast<DictView*>(view)->contains(item).value_or(false);
  });
}

std::shared_ptr<Namespace> Namespace::make() {
  auto made = std::make_shared<Namespace>();
  Budget::keep(made);
  return made;
}

std::string Namespace::repr() const {
  if (printing_) return "<Namespace {...}>";
  printing_ = true;
  std::string text;
  try {
    text = "<Namespace " + jinja::repr(Value::dict(attributes_)) + ">";
  } catch (const Failure&) {
    printing_ = false;
    throw;
  }
  printing_ = false;
  return text;
}

Value Namespace::attribute(std::string_view name) {
  const Value* found = attributes_->find(name);
  return found ? *found : Value();
}

void Namespace::set(const Value& name, Value value) {
  if (name.is_str() && !name.text().empty() && name.text()[0] == '_') {
    fail(FailureKind::kSecurity,
         "a namespace cannot hold attributes that start with an underscore, got " +
             quote(name.text()));
  }
  attributes_->set(name, std::move(value));
}

Value Joiner::attribute(std::string_view name) {
  if (name == "sep") return separator_;
  if (name == "used") return Value::boolean(used_);
  return {};
}

Value Joiner::call(CallArgs&& args) {
  bind_arguments("joiner", {}, std::move(args));
  if (used_) return separator_;
  used_ = true;
  return Value::string("");
}

Value Cycler::attribute(std::string_view name) {
  if (name == "items") return items_;
  if (name == "pos") return Value::integer(static_cast<Int>(position_));
  if (name == "current") return items_.items()[position_];
  if (name != "next" && name != "reset") return {};
  auto self = std::static_pointer_cast<Cycler>(shared_from_this());
  bool next = name == "next";
  return Function::make(
      std::string(name), Signature{},
      [self, next](std::vector<Value>&) {
        if (!next) {
          self->position_ = 0;
          return Value::none();
        }
        Value item = self->items_.items()[self->position_];
        self->position_ = (self->position_ + 1) % self->items_.items().size();
        return item;
      },
      depth() + 1);
}

}  // namespace mlxa::jinja
