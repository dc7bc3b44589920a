#include "text/template/interpreter.h"

#include "text/template/builtins.h"
#include "text/template/loop.h"
#include "text/template/objects.h"

namespace mlxa::jinja {

Activation::Activation(size_t count, std::shared_ptr<Activation> outer)
    : Counted(sizeof(Activation) + count * sizeof(Value)), slots(count), outer(std::move(outer)) {}

// Makes an activation the running one for a scope. If macros can be defined there, they may come
// to hold the activation, which holds them.
class Interpreter::FunctionRun {
 public:
  FunctionRun(Interpreter& interpreter, std::shared_ptr<Activation> activation,
              bool defines_macros = true)
      : interpreter_(interpreter),
        previous_(std::move(interpreter.activation_)),
        defines_macros_(defines_macros) {
    interpreter_.activation_ = std::move(activation);
  }
  ~FunctionRun() {
    auto& activation = interpreter_.activation_;
    if (defines_macros_ && activation.use_count() > 1) Budget::keep(activation);
    activation = std::move(previous_);
  }
  FunctionRun(const FunctionRun&) = delete;
  FunctionRun& operator=(const FunctionRun&) = delete;

 private:
  Interpreter& interpreter_;
  std::shared_ptr<Activation> previous_;
  bool defines_macros_;
};

// Collects what is printed in a scope.
class Interpreter::Capture {
 public:
  explicit Capture(Interpreter& interpreter)
      : interpreter_(interpreter), previous_(interpreter.out_) {
    interpreter_.out_ = &text_;
  }
  ~Capture() { interpreter_.out_ = previous_; }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  Value take() { return Value::string(std::move(text_)); }

 private:
  Interpreter& interpreter_;
  std::string* previous_;
  std::string text_;
};

std::string Interpreter::run() {
  std::string text;
  out_ = &text;
  FunctionRun run(*this, std::make_shared<Activation>(tree_.function.slot_count, nullptr));
  enter(tree_.scope);
  execute(tree_.body);
  return text;
}

Value& Interpreter::slot(const Slot& slot) {
  Activation* activation = activation_.get();
  for (uint32_t i = 0; i < slot.hops; i++) activation = activation->outer.get();
  return activation->slots[slot.index];
}

Value Interpreter::resolve(const std::string& name) {
  Budget::steps(1);
  auto assigned = variables_.find(name);
  if (assigned != variables_.end()) return assigned->second;
  if (const Value* given = context_.as_dict().find(name)) return *given;
  return find_global(name);
}

void Interpreter::enter(const Scope& scope) {
  for (const Load& load : scope.loads) {
    Value value;
    if (load.kind == Load::Kind::kResolve) value = resolve(load.name);
    if (load.kind == Load::Kind::kAlias) value = slot(load.source);
    activation_->slots[load.index] = std::move(value);
  }
}

void Interpreter::leave(const Scope& scope) {
  for (uint32_t index : scope.slots) activation_->slots[index] = Value();
}

void Interpreter::write(const std::string& text) {
  if (text.size() > kMaxStringBytes - out_->size()) fail(FailureKind::kLimit, "output too long");
  Budget::work(text.size());
  *out_ += text;
}

Interpreter::Flow Interpreter::execute(const Body& body) {
  for (const StmtPtr& stmt : body) {
    Flow flow = execute(*stmt);
    if (flow != Flow::kNormal) return flow;
  }
  return Flow::kNormal;
}

Interpreter::Flow Interpreter::execute(const Stmt& stmt) {
  Budget::Level level;
  Budget::steps(1);
  try {
    switch (stmt.kind) {
      case StmtKind::kOutput:
        print(stmt);
        break;
      case StmtKind::kFor:
        return run_for(stmt);
      case StmtKind::kIf:
        return run_if(stmt);
      case StmtKind::kMacro:
        assign(*stmt.target, Value::object(std::make_shared<Macro>(*this, stmt, activation_)));
        break;
      case StmtKind::kCallBlock:
        call_with_body(stmt);
        break;
      case StmtKind::kGeneration:
        write(call_macro(stmt, activation_, {}).text());
        break;
      case StmtKind::kFilterBlock:
        return run_filter_block(stmt);
      case StmtKind::kWith:
        return run_with(stmt);
      case StmtKind::kSet:
        run_set(stmt);
        break;
      case StmtKind::kSetBlock:
        return run_set_block(stmt);
      case StmtKind::kBreak:
        return Flow::kBreak;
      case StmtKind::kContinue:
        return Flow::kContinue;
    }
  } catch (Failure& failure) {
    if (failure.line == 0) failure.line = stmt.line;
    throw;
  }
  return Flow::kNormal;
}

void Interpreter::print(const Stmt& stmt) {
  for (const ExprPtr& expr : stmt.exprs) {
    try {
      if (expr->kind == ExprKind::kConst && expr->value.is_str()) {
        write(expr->value.text());
      } else {
        Value value = evaluate(*expr);
        write(value.is_str() ? value.text() : to_text(value));
      }
    } catch (Failure& failure) {
      if (failure.line == 0) failure.line = expr->line;
      throw;
    }
  }
}

Interpreter::Flow Interpreter::run_if(const Stmt& stmt) {
  for (size_t i = 0; i < stmt.exprs.size(); i++) {
    if (truth(evaluate(*stmt.exprs[i]))) return execute(stmt.bodies[i]);
  }
  if (stmt.bodies.size() > stmt.exprs.size()) return execute(stmt.bodies.back());
  return Flow::kNormal;
}

Interpreter::Flow Interpreter::run_for(const Stmt& stmt) {
  Value iterable = evaluate(*stmt.exprs[0]);
  if (!stmt.recursive) return run_loop(stmt, iterable, 0);
  write(run_recursive_loop(stmt, activation_, iterable, 0).text());
  return Flow::kNormal;
}

Value Interpreter::run_recursive_loop(const Stmt& stmt, const std::shared_ptr<Activation>& closure,
                                      const Value& iterable, int depth) {
  FunctionRun run(*this, std::make_shared<Activation>(stmt.function.slot_count, closure));
  Capture capture(*this);
  run_loop(stmt, iterable, depth);
  return capture.take();
}

Interpreter::Flow Interpreter::run_loop(const Stmt& stmt, const Value& iterable, int depth) {
  std::shared_ptr<Iterator> items = iterate(iterable);
  // The functions that a loop calls are closures of the function around a recursive loop.
  const auto& closure = stmt.recursive ? activation_->outer : activation_;
  if (stmt.test) items = std::make_shared<TestedItems>(*this, stmt, closure, std::move(items));
  bool completed = false;
  Flow flow = Flow::kNormal;
  Value item;
  if (stmt.has_loop_variable) {
    auto size = stmt.test ? std::nullopt : try_length(iterable);
    auto loop = std::make_shared<Loop>(*this, stmt, closure, std::move(items), size, depth);
    while (loop->next(item)) {
      activation_->slots[stmt.loop.index] = Value::object(loop);
      if (!run_body(stmt, item, flow, completed)) break;
    }
    leave(stmt.scope);
    if (loop.use_count() > 1) Budget::keep(loop);
  } else {
    while (items->next(item)) {
      if (!run_body(stmt, item, flow, completed)) break;
    }
    leave(stmt.scope);
  }
  if (completed || stmt.bodies.size() < 2) return Flow::kNormal;
  enter(stmt.else_scope);
  flow = execute(stmt.bodies[1]);
  leave(stmt.else_scope);
  return flow;
}

// One iteration; false to stop. As in the reference, an iteration that ends in break or continue
// does not keep the loop's else part from running.
bool Interpreter::run_body(const Stmt& stmt, const Value& item, Flow& flow, bool& completed) {
  Budget::steps(1);
  assign(*stmt.target, item);
  enter(stmt.scope);
  flow = execute(stmt.bodies[0]);
  if (flow == Flow::kNormal) completed = true;
  return flow != Flow::kBreak;
}

std::shared_ptr<Activation> Interpreter::enter_loop_test(
    const Stmt& stmt, const std::shared_ptr<Activation>& closure) {
  auto activation = std::make_shared<Activation>(stmt.test_function.slot_count, closure);
  FunctionRun run(*this, activation, false);
  enter(stmt.test_scope);
  return activation;
}

bool Interpreter::passes_loop_test(const Stmt& stmt, const std::shared_ptr<Activation>& activation,
                                   const Value& item) {
  FunctionRun run(*this, activation, false);
  assign(*stmt.test_target, item);
  return truth(evaluate(*stmt.test));
}

Interpreter::Flow Interpreter::run_filter_block(const Stmt& stmt) {
  enter(stmt.scope);
  Value contents;
  {
    Capture capture(*this);
    Flow flow = execute(stmt.bodies[0]);
    if (flow != Flow::kNormal) return flow;
    contents = capture.take();
  }
  std::swap(contents_, contents);
  Value result = evaluate(*stmt.exprs[0]);
  std::swap(contents_, contents);
  write(to_text(result));
  leave(stmt.scope);
  return Flow::kNormal;
}

Interpreter::Flow Interpreter::run_with(const Stmt& stmt) {
  enter(stmt.scope);
  for (size_t i = 0; i < stmt.targets.size(); i++) {
    assign(*stmt.targets[i], evaluate(*stmt.exprs[i]));
  }
  Flow flow = execute(stmt.bodies[0]);
  if (flow == Flow::kNormal) leave(stmt.scope);
  return flow;
}

Interpreter::Flow Interpreter::run_set_block(const Stmt& stmt) {
  enter(stmt.scope);
  Value contents;
  {
    Capture capture(*this);
    Flow flow = execute(stmt.bodies[0]);
    if (flow != Flow::kNormal) return flow;
    contents = capture.take();
  }
  if (!stmt.exprs.empty()) {
    std::swap(contents_, contents);
    Value result = evaluate(*stmt.exprs[0]);
    std::swap(contents_, contents);
    contents = std::move(result);
  }
  assign(*stmt.target, contents);
  leave(stmt.scope);
  return Flow::kNormal;
}

void Interpreter::run_set(const Stmt& stmt) {
  require_namespaces(*stmt.target);
  assign(*stmt.target, evaluate(*stmt.exprs[0]));
}

void Interpreter::require_namespaces(const Expr& target) {
  if (target.kind == ExprKind::kMember && !slot(target.items[0]->slot).object_as<Namespace>()) {
    fail(FailureKind::kRuntime, "cannot assign attribute on non-namespace object");
  }
  if (target.kind != ExprKind::kTuple) return;
  for (const ExprPtr& item : target.items) require_namespaces(*item);
}

void Interpreter::assign(const Expr& target, const Value& value) {
  if (target.kind == ExprKind::kName) {
    slot(target.slot) = value;
    if (target.exported) variables_[target.text] = value;
    return;
  }
  if (target.kind == ExprKind::kMember) {
    auto* space = slot(target.items[0]->slot).object_as<Namespace>();
    if (!space) type_error("cannot assign attribute on non-namespace object");
    space->set(target.value, value);
    return;
  }
  auto items = try_iterate(value);
  if (!items) type_error("cannot unpack non-iterable " + type_name(value) + " object");
  std::vector<Value> parts;
  size_t wanted = target.items.size();
  for (Value item; parts.size() <= wanted && items->next(item);) parts.push_back(item);
  if (parts.size() > wanted) {
    value_error("too many values to unpack (expected " + std::to_string(wanted) + ")");
  }
  if (parts.size() < wanted) {
    value_error("not enough values to unpack (expected " + std::to_string(wanted) + ", got " +
                std::to_string(parts.size()) + ")");
  }
  for (size_t i = 0; i < wanted; i++) assign(*target.items[i], parts[i]);
}

void Interpreter::call_with_body(const Stmt& stmt) {
  Value caller = Value::object(std::make_shared<Macro>(*this, stmt, activation_));
  write(to_text(evaluate_call(*stmt.exprs[0], &caller)));
}

Value Interpreter::call_macro(const Stmt& stmt, const std::shared_ptr<Activation>& closure,
                              CallArgs&& args) {
  const MacroInfo& macro = *stmt.macro;
  auto activation = std::make_shared<Activation>(macro.function.slot_count, closure);
  auto& slots = activation->slots;
  auto take = [&args](const std::string& name) {
    for (auto named = args.named.begin(); named != args.named.end(); ++named) {
      if (named->first != name) continue;
      Value value = std::move(named->second);
      args.named.erase(named);
      return value;
    }
    return Value();
  };
  size_t count = macro.parameters.size();
  std::vector<Value> given(count);
  for (size_t i = 0; i < count; i++) {
    given[i] = i < args.positional.size() ? args.positional[i] : take(macro.parameters[i]);
  }
  if (macro.takes_caller) {
    Value caller = take("caller");
    if (caller.is_missing() || caller.is_none()) caller = Value::undefined("No caller defined");
    slots[macro.caller.index] = std::move(caller);
  }
  std::string name = macro.name.empty() ? "None" : quote(macro.name);
  if (macro.takes_kwargs) {
    auto rest = std::make_shared<Dict>();
    for (auto& [key, value] : args.named) rest->set(key, std::move(value));
    slots[macro.kwargs.index] = Value::dict(std::move(rest));
  } else if (!args.named.empty()) {
    type_error("macro " + name + " takes no keyword argument " + quote(args.named[0].first));
  }
  if (macro.takes_varargs) {
    size_t used = std::min(count, args.positional.size());
    slots[macro.varargs.index] =
        Value::tuple({args.positional.begin() + static_cast<long>(used), args.positional.end()});
  } else if (args.positional.size() > count) {
    type_error("macro " + name + " takes not more than " + std::to_string(count) + " argument(s)");
  }
  FunctionRun run(*this, activation);
  activation.reset();
  Capture capture(*this);
  enter(macro.scope);
  for (size_t i = 0; i < count; i++) assign(*macro.targets[i], given[i]);
  size_t required = count - macro.defaults.size();
  for (size_t i = 0; i < count; i++) {
    if (!given[i].is_missing()) continue;
    assign(*macro.targets[i],
           i < required
               ? Value::undefined("parameter " + quote(macro.parameters[i]) + " was not provided")
               : evaluate(*macro.defaults[i - required]));
  }
  execute(stmt.bodies[0]);
  return capture.take();
}

}  // namespace mlxa::jinja
