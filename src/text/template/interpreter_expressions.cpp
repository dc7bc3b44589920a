// Expressions of the interpreter.
#include "text/template/attributes.h"
#include "text/template/call.h"
#include "text/template/filters.h"
#include "text/template/interpreter.h"
#include "text/template/python.h"

namespace mlxa::jinja {

Value Interpreter::evaluate(const Expr& expr) {
  Budget::Level level;
  Budget::steps(1);
  switch (expr.kind) {
    case ExprKind::kConst:
      return expr.value;
    case ExprKind::kName:
      return evaluate_name(expr);
    case ExprKind::kTuple:
    case ExprKind::kList:
      return evaluate_items(expr);
    case ExprKind::kDict:
      return evaluate_dict(expr);
    case ExprKind::kCond:
      return evaluate_condition(expr);
    case ExprKind::kOr: {
      Value left = evaluate(*expr.items[0]);
      return truth(left) ? left : evaluate(*expr.items[1]);
    }
    case ExprKind::kAnd: {
      Value left = evaluate(*expr.items[0]);
      return truth(left) ? evaluate(*expr.items[1]) : left;
    }
    case ExprKind::kNot:
      return Value::boolean(!truth(evaluate(*expr.items[0])));
    case ExprKind::kNegate:
      return unary_minus(evaluate(*expr.items[0]));
    case ExprKind::kPlus:
      return unary_plus(evaluate(*expr.items[0]));
    case ExprKind::kCompare:
      return evaluate_comparison(expr);
    case ExprKind::kBinary: {
      Value left = evaluate(*expr.items[0]);
      return binary(expr.operation, left, evaluate(*expr.items[1]));
    }
    case ExprKind::kConcat:
      return evaluate_concat(expr);
    case ExprKind::kAttribute:
      return get_attribute(evaluate(*expr.items[0]), expr.value);
    case ExprKind::kItem: {
      Value object = evaluate(*expr.items[0]);
      return get_item(object, evaluate(*expr.items[1]));
    }
    case ExprKind::kSlice:
      return evaluate_slice(expr);
    case ExprKind::kCall:
      return evaluate_call(expr, nullptr);
    case ExprKind::kFilter:
      return evaluate_filter(expr);
    case ExprKind::kTest:
      return evaluate_test(expr);
    case ExprKind::kMember:
      break;
  }
  fail(FailureKind::kRuntime, "not an expression");
}

Value Interpreter::evaluate_name(const Expr& expr) {
  const Value& value = slot(expr.slot);
  if (value.is_missing()) return Value::undefined(quote(expr.text) + " is undefined");
  return value;
}

Value Interpreter::evaluate_condition(const Expr& expr) {
  if (truth(evaluate(*expr.items[0]))) return evaluate(*expr.items[1]);
  if (expr.items.size() > 2) return evaluate(*expr.items[2]);
  return Value::undefined("the inline if-expression on line " + std::to_string(expr.line) +
                          " evaluated to false and no else section was defined.");
}

Value Interpreter::evaluate_items(const Expr& expr) {
  std::vector<Value> items;
  items.reserve(expr.items.size());
  for (const ExprPtr& item : expr.items) items.push_back(evaluate(*item));
  return expr.kind == ExprKind::kList ? Value::list(std::move(items))
                                      : Value::tuple(std::move(items));
}

Value Interpreter::evaluate_dict(const Expr& expr) {
  auto dict = std::make_shared<Dict>();
  for (size_t i = 0; i < expr.items.size(); i += 2) {
    Value key = evaluate(*expr.items[i]);
    dict->set(std::move(key), evaluate(*expr.items[i + 1]));
  }
  return Value::dict(std::move(dict));
}

Value Interpreter::evaluate_comparison(const Expr& expr) {
  auto holds = [](Comparison comparison, const Value& a, const Value& b) {
    switch (comparison) {
      case Comparison::kEqual:
        return equal(a, b);
      case Comparison::kNotEqual:
        return !equal(a, b);
      case Comparison::kLess:
        return ordered(Order::kLess, a, b);
      case Comparison::kLessEqual:
        return ordered(Order::kLessEqual, a, b);
      case Comparison::kGreater:
        return ordered(Order::kGreater, a, b);
      case Comparison::kGreaterEqual:
        return ordered(Order::kGreaterEqual, a, b);
      case Comparison::kIn:
        return contains(a, b);
      case Comparison::kNotIn:
        return !contains(a, b);
    }
    return false;
  };
  Value left = evaluate(*expr.items[0]);
  for (size_t i = 0; i < expr.comparisons.size(); i++) {
    Value right = evaluate(*expr.items[i + 1]);
    if (!holds(expr.comparisons[i], left, right)) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Interpreter::evaluate_concat(const Expr& expr) {
  std::string text;
  std::vector<Value> parts;
  for (const ExprPtr& item : expr.items) parts.push_back(evaluate(*item));
  for (const Value& part : parts) {
    text += part.is_str() ? part.text() : to_text(part);
    if (text.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  }
  return Value::string(std::move(text));
}

Value Interpreter::evaluate_slice(const Expr& expr) {
  Value object = evaluate(*expr.items[0]);
  Value bounds[3];
  for (size_t i = 0; i < 3; i++) {
    if (expr.items[i + 1]) bounds[i] = evaluate(*expr.items[i + 1]);
  }
  return get_slice(object, bounds[0], bounds[1], bounds[2]);
}

void Interpreter::evaluate_arguments(const Arguments& arguments, CallArgs& out) {
  for (const ExprPtr& item : arguments.positional) out.positional.push_back(evaluate(*item));
  for (const auto& [name, item] : arguments.named) out.named.emplace_back(name, evaluate(*item));
  if (arguments.list) {
    Value list = evaluate(*arguments.list);
    auto items = try_iterate(list);
    if (!items) type_error("argument after * must be an iterable, not " + type_name(list));
    for (Value item; items->next(item);) {
      if (out.positional.size() >= kMaxItems) fail(FailureKind::kLimit, "too many arguments");
      out.positional.push_back(item);
    }
  }
  if (!arguments.dict) return;
  Value dict = evaluate(*arguments.dict);
  if (!dict.is_dict()) type_error("argument after ** must be a mapping, not " + type_name(dict));
  for (const auto& [key, value] : dict.as_dict().entries) {
    if (!key.is_str()) type_error("keywords must be strings");
    for (const auto& [name, known] : arguments.named) {
      if (name == key.text()) type_error("got multiple values for keyword argument " + quote(name));
    }
    out.named.emplace_back(key.text(), value);
  }
}

Value Interpreter::evaluate_call(const Expr& expr, const Value* caller) {
  Value callee = evaluate(*expr.items[0]);
  CallArgs args;
  evaluate_arguments(expr.arguments, args);
  if (caller) args.named.emplace_back("caller", *caller);
  return call(callee, std::move(args));
}

Value Interpreter::evaluate_filter(const Expr& expr) {
  CallArgs args;
  args.positional.push_back(expr.items[0] ? evaluate(*expr.items[0]) : contents_);
  evaluate_arguments(expr.arguments, args);
  if (!expr.filter) {
    fail(FailureKind::kRuntime, "No filter named " + quote(expr.text) + " found.");
  }
  return expr.filter->apply(std::move(args));
}

Value Interpreter::evaluate_test(const Expr& expr) {
  CallArgs args;
  args.positional.push_back(evaluate(*expr.items[0]));
  evaluate_arguments(expr.arguments, args);
  if (!expr.test) fail(FailureKind::kRuntime, "No test named " + quote(expr.text) + " found.");
  return Value::boolean(expr.test->apply(std::move(args)));
}

}  // namespace mlxa::jinja
