// What a running template hands out: macros and the variable `loop`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "text/template/interpreter.h"
#include "text/template/value.h"

namespace mlxa::jinja {

/// A macro, or the caller of a call block.
class Macro : public Object {
 public:
  Macro(Interpreter& interpreter, const Stmt& stmt, std::shared_ptr<Activation> closure)
      : Object(sizeof(Macro)),
        interpreter_(interpreter),
        stmt_(stmt),
        closure_(std::move(closure)) {}
  std::string type_name() const override { return "Macro"; }
  std::string repr() const override;
  Value attribute(std::string_view name) override;
  bool callable() const override { return true; }
  Value call(CallArgs&& args) override {
    return interpreter_.call_macro(stmt_, closure_, std::move(args));
  }

 private:
  Interpreter& interpreter_;
  const Stmt& stmt_;
  std::shared_ptr<Activation> closure_;
};

/// The items of `source` that pass a loop's condition.
class TestedItems : public Iterator {
 public:
  TestedItems(Interpreter& interpreter, const Stmt& stmt, std::shared_ptr<Activation> closure,
              std::shared_ptr<Iterator> source)
      : interpreter_(interpreter),
        stmt_(stmt),
        closure_(std::move(closure)),
        source_(std::move(source)) {}

 private:
  bool advance(Value& item) override;

  Interpreter& interpreter_;
  const Stmt& stmt_;
  std::shared_ptr<Activation> closure_;
  std::shared_ptr<Iterator> source_;
  std::shared_ptr<Activation> activation_;
};

/// The variable `loop`, and the iteration behind it.
class Loop : public Object, public Clearable {
 public:
  /// `size`: the number of items where that is known.
  Loop(Interpreter& interpreter, const Stmt& stmt, std::shared_ptr<Activation> closure,
       std::shared_ptr<Iterator> items, std::optional<size_t> size, int depth)
      : Object(sizeof(Loop)),
        interpreter_(interpreter),
        stmt_(stmt),
        closure_(std::move(closure)),
        items_(std::move(items)),
        size_(size),
        depth_(depth) {}

  /// Moves to the next item; false at the end.
  bool next(Value& item);
  void clear() override;

  std::string type_name() const override { return "LoopContext"; }
  std::string repr() const override;
  std::optional<size_t> length() const override { return count(); }
  bool truth() const override { return count() != 0; }
  Value attribute(std::string_view name) override;
  bool callable() const override { return true; }
  Value call(CallArgs&& args) override;
  std::shared_ptr<Iterator> iterate() override;

 private:
  // Iterating may have to run ahead, to count or to see whether there is more.
  size_t count() const;
  const Value& peek() const;
  Value cycle(CallArgs&& args) const;
  Value changed(CallArgs&& args);

  Interpreter& interpreter_;
  const Stmt& stmt_;
  std::shared_ptr<Activation> closure_;
  mutable std::shared_ptr<Iterator> items_;
  mutable std::optional<size_t> size_;
  mutable Value after_;  // peeked at, missing if not
  Value current_, before_, last_changed_;
  Int index_ = -1;
  int depth_;
};

}  // namespace mlxa::jinja
