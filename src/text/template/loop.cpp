#include "text/template/loop.h"

#include "text/template/call.h"
#include "text/template/python.h"

namespace mlxa::jinja {

std::string Macro::repr() const {
  const std::string& name = stmt_.macro->name;
  return "<Macro " + (name.empty() ? "anonymous" : quote(name)) + ">";
}

Value Macro::attribute(std::string_view name) {
  const MacroInfo& macro = *stmt_.macro;
  if (name == "name") return macro.name.empty() ? Value::none() : Value::string(macro.name);
  if (name == "caller") return Value::boolean(macro.takes_caller);
  if (name == "catch_kwargs") return Value::boolean(macro.takes_kwargs);
  if (name == "catch_varargs") return Value::boolean(macro.takes_varargs);
  if (name != "arguments") return {};
  std::vector<Value> names;
  for (const std::string& parameter : macro.parameters) names.push_back(Value::string(parameter));
  return Value::tuple(std::move(names));
}

bool TestedItems::advance(Value& item) {
  if (!activation_) activation_ = interpreter_.enter_loop_test(stmt_, closure_);
  while (source_->next(item)) {
    if (!interpreter_.passes_loop_test(stmt_, activation_, item)) continue;
    // The reference takes the item apart and puts it together again.
    if (stmt_.target->kind == ExprKind::kTuple) item = Value::tuple(to_vector(item));
    return true;
  }
  return false;
}

bool Loop::next(Value& item) {
  if (after_.is_missing()) {
    if (!items_->next(item)) return false;
  } else {
    item = std::move(after_);
    after_ = Value();
  }
  index_++;
  before_ = std::move(current_);
  current_ = item;
  return true;
}

void Loop::clear() {
  closure_.reset();
  items_ = iterate_items({});
  after_ = current_ = before_ = last_changed_ = Value();
}

size_t Loop::count() const {
  if (!size_) {
    std::vector<Value> rest = to_vector(Value::object(items_));
    size_ = rest.size() + static_cast<size_t>(index_ + 1) + (after_.is_missing() ? 0 : 1);
    items_ = iterate_items(std::move(rest));
  }
  return *size_;
}

const Value& Loop::peek() const {
  if (after_.is_missing()) {
    Value item;
    if (items_->next(item)) after_ = std::move(item);
  }
  return after_;
}

std::string Loop::repr() const {
  return "<LoopContext " + int_text(index_ + 1) + "/" + std::to_string(count()) + ">";
}

Value Loop::cycle(CallArgs&& args) const {
  if (!args.named.empty()) type_error("cycle() takes no keyword arguments");
  if (args.positional.empty()) type_error("no items for cycling given");
  auto size = static_cast<Int>(args.positional.size());
  return args.positional[static_cast<size_t>(((index_ % size) + size) % size)];
}

Value Loop::changed(CallArgs&& args) {
  if (!args.named.empty()) type_error("changed() takes no keyword arguments");
  Value values = Value::tuple(std::move(args.positional));
  if (!last_changed_.is_missing() && equal(last_changed_, values)) return Value::boolean(false);
  last_changed_ = std::move(values);
  return Value::boolean(true);
}

Value Loop::attribute(std::string_view name) {
  if (name == "index") return Value::integer(index_ + 1);
  if (name == "index0") return Value::integer(index_);
  if (name == "first") return Value::boolean(index_ == 0);
  if (name == "last") return Value::boolean(peek().is_missing());
  if (name == "length") return Value::integer(static_cast<Int>(count()));
  if (name == "revindex") return Value::integer(static_cast<Int>(count()) - index_);
  if (name == "revindex0") return Value::integer(static_cast<Int>(count()) - index_ - 1);
  if (name == "depth") return Value::integer(depth_ + 1);
  if (name == "depth0") return Value::integer(depth_);
  if (name == "previtem") {
    return index_ == 0 ? Value::undefined("there is no previous item") : before_;
  }
  if (name == "nextitem") {
    return peek().is_missing() ? Value::undefined("there is no next item") : peek();
  }
  if (name != "cycle" && name != "changed") return {};
  bool cycles = name == "cycle";
  auto self = std::static_pointer_cast<Loop>(shared_from_this());
  return Function::make(std::string(name), [self, cycles](CallArgs&& args) {
    return cycles ? self->cycle(std::move(args)) : self->changed(std::move(args));
  });
}

Value Loop::call(CallArgs&& args) {
  std::vector<Value> bound = bind_arguments("loop", {{"iterable"}, 1}, std::move(args));
  if (!stmt_.recursive) {
    type_error("The loop must have the 'recursive' marker to be called recursively.");
  }
  return interpreter_.run_recursive_loop(stmt_, closure_, bound[0], depth_ + 1);
}

std::shared_ptr<Iterator> Loop::iterate() {
  // Iterating over `loop` itself yields (item, loop) pairs and moves the loop on.
  class Pairs : public Iterator {
   public:
    explicit Pairs(std::shared_ptr<Loop> loop) : loop_(std::move(loop)) {}

   private:
    bool advance(Value& item) override {
      if (!loop_->next(item)) return false;
      item = Value::tuple({item, Value::object(loop_)});
      return true;
    }
    std::shared_ptr<Loop> loop_;
  };
  return std::make_shared<Pairs>(std::static_pointer_cast<Loop>(shared_from_this()));
}

}  // namespace mlxa::jinja
