// The parsed template. Immutable after parsing, so that threads may render it at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "text/template/numbers.h"
#include "text/template/python.h"
#include "text/template/value.h"

namespace mlxa::jinja {

struct Expr;
struct Stmt;
struct Filter;
struct Test;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;
using Body = std::vector<StmtPtr>;

/// Where a variable lives: `hops` functions out from the running one, at `index` of its slots.
struct Slot {
  uint32_t hops = 0;
  uint32_t index = 0;
};

enum class ExprKind {
  kConst,
  kName,    ///< Variable `text`.
  kMember,  ///< Target `text`.attr: items[0] is the name, `value` the attribute.
  kTuple,
  kList,
  kDict,  ///< items: key, value, key, value, ...
  kCond,  ///< items: test, then, and else where there is one.
  kOr,    ///< items: left, right; kAnd too.
  kAnd,
  kNot,
  kNegate,
  kPlus,
  kCompare,    ///< items: n + 1 operands of n comparisons.
  kBinary,     ///< items: left, right.
  kConcat,     ///< items joined by ~.
  kAttribute,  ///< items[0].value
  kItem,       ///< items: object, index.
  kSlice,      ///< items: object, start, stop, step; null where left out.
  kCall,       ///< items[0](...)
  kFilter,     ///< items[0] | text(...); items[0] is null for the contents of a block.
  kTest,       ///< items[0] is text(...)
};

enum class Comparison {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn
};

/// Arguments as written: positional, named, *list, **dict.
struct Arguments {
  std::vector<ExprPtr> positional;
  std::vector<std::pair<std::string, ExprPtr>> named;
  ExprPtr list, dict;
};

struct Expr {
  ExprKind kind;
  int line = 0;
  int height = 1;
  std::string text;
  Value value;
  std::vector<ExprPtr> items;
  std::vector<Comparison> comparisons;
  Arithmetic operation = Arithmetic::kAdd;
  Arguments arguments;

  // Set by the resolver.
  Slot slot;              ///< Of kName.
  bool exported = false;  ///< A kName that is assigned at the top level: also set in the context.
  const Filter* filter = nullptr;
  const Test* test = nullptr;
};

/// How a variable starts when its scope is entered.
struct Load {
  enum class Kind { kResolve, kAlias, kUnset };
  Kind kind;
  uint32_t index;    ///< In the running function's slots.
  Slot source;       ///< Of kAlias.
  std::string name;  ///< Of kResolve: looked up in the context.
};

/// The variables that a block brings, in the running function.
struct Scope {
  std::vector<Load> loads;
  std::vector<uint32_t> slots;  ///< All of them, to unset when the block is left.
};

/// A part that runs with slots of its own: the template, a macro, a recursive loop, a loop's test.
struct FunctionInfo {
  uint32_t slot_count = 0;
};

/// A macro, or the body of a call block.
struct MacroInfo {
  std::string name;  ///< Empty for call blocks.
  std::vector<std::string> parameters;
  std::vector<ExprPtr> targets;   ///< kName, one for each parameter.
  std::vector<ExprPtr> defaults;  ///< Of the last parameters.
  bool takes_caller = false, takes_kwargs = false, takes_varargs = false;
  Slot caller, kwargs, varargs;
  FunctionInfo function;
  Scope scope;
};

enum class StmtKind {
  kOutput,       ///< Prints exprs.
  kFor,          ///< for target in exprs[0] if test
  kIf,           ///< exprs[i]: bodies[i]; one more body for else.
  kMacro,        ///< macro, bodies[0]; target: the name.
  kCallBlock,    ///< exprs[0], the call, with macro and bodies[0] as its caller.
  kGeneration,   ///< The contents of {% generation %}: macro and bodies[0].
  kFilterBlock,  ///< exprs[0] applied to bodies[0].
  kWith,         ///< targets[i] = exprs[i]; bodies[0].
  kSet,          ///< target = exprs[0]
  kSetBlock,     ///< target = bodies[0], through exprs[0] if that is there.
  kBreak,
  kContinue,
};

struct Stmt {
  StmtKind kind;
  int line = 0;
  std::vector<ExprPtr> exprs;
  std::vector<Body> bodies;  ///< kFor: the body, and else.
  ExprPtr target;
  std::vector<ExprPtr> targets;
  ExprPtr test;
  bool recursive = false;
  std::unique_ptr<MacroInfo> macro;

  // Set by the resolver.
  Scope scope, else_scope, test_scope;
  bool has_loop_variable = false;
  Slot loop;
  FunctionInfo function, test_function;
  ExprPtr test_target;  ///< kFor with a test: the target once more, in the test's slots.
};

struct Template {
  Body body;
  FunctionInfo function;
  Scope scope;
};

/// Calls `visit` on each child expression, in the order in which they are evaluated.
template <typename Visit>
void for_children(const Expr& expr, Visit visit) {
  for (const ExprPtr& item : expr.items) {
    if (item) visit(*item);
  }
  for (const ExprPtr& item : expr.arguments.positional) visit(*item);
  for (const auto& [name, item] : expr.arguments.named) visit(*item);
  if (expr.arguments.list) visit(*expr.arguments.list);
  if (expr.arguments.dict) visit(*expr.arguments.dict);
}

/// Parses `source`. Throws kSyntax (with the line), kUnsupported, kLimit.
Template parse_template(std::string_view source);

}  // namespace mlxa::jinja
