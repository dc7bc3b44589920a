// Runs a parsed template.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "text/template/ast.h"
#include "text/template/value.h"

namespace mlxa::jinja {

/// The slots of one running function. Macros hold on to the one they were defined in.
struct Activation : Counted, Clearable {
  Activation(size_t slots, std::shared_ptr<Activation> outer);
  void clear() override { slots.assign(slots.size(), Value()); }

  std::vector<Value> slots;
  std::shared_ptr<Activation> outer;  ///< Of the function around, where it was defined.
};

/// One rendering. The template and the rendering's budget outlive it.
class Interpreter {
 public:
  /// `context`: the variables of the template, a dict with string keys.
  Interpreter(const Template& tree, Value context) : tree_(tree), context_(std::move(context)) {}

  /// The rendered text. Throws Failure, with the line where it is known.
  std::string run();

  /// The text of a macro's or call block's body.
  Value call_macro(const Stmt& stmt, const std::shared_ptr<Activation>& closure, CallArgs&& args);
  /// The text of a recursive loop over `iterable`.
  Value run_recursive_loop(const Stmt& stmt, const std::shared_ptr<Activation>& closure,
                           const Value& iterable, int depth);
  /// True if the loop's condition holds for `item`. `activation` has the test's slots.
  bool passes_loop_test(const Stmt& stmt, const std::shared_ptr<Activation>& activation,
                        const Value& item);
  std::shared_ptr<Activation> enter_loop_test(const Stmt& stmt,
                                              const std::shared_ptr<Activation>& closure);

 private:
  enum class Flow { kNormal, kBreak, kContinue };
  class FunctionRun;
  class Capture;

  // Statements.
  Flow execute(const Body& body);
  Flow execute(const Stmt& stmt);
  void print(const Stmt& stmt);
  Flow run_if(const Stmt& stmt);
  Flow run_for(const Stmt& stmt);
  Flow run_loop(const Stmt& stmt, const Value& iterable, int depth);
  bool run_body(const Stmt& stmt, const Value& item, Flow& flow, bool& completed);
  Flow run_filter_block(const Stmt& stmt);
  Flow run_with(const Stmt& stmt);
  Flow run_set_block(const Stmt& stmt);
  void run_set(const Stmt& stmt);
  void call_with_body(const Stmt& stmt);
  void require_namespaces(const Expr& target);
  void assign(const Expr& target, const Value& value);
  void enter(const Scope& scope);
  void leave(const Scope& scope);
  void write(const std::string& text);
  Value& slot(const Slot& slot);
  Value resolve(const std::string& name);

  // Expressions.
  Value evaluate(const Expr& expr);
  Value evaluate_name(const Expr& expr);
  Value evaluate_condition(const Expr& expr);
  Value evaluate_items(const Expr& expr);
  Value evaluate_dict(const Expr& expr);
  Value evaluate_comparison(const Expr& expr);
  Value evaluate_concat(const Expr& expr);
  Value evaluate_slice(const Expr& expr);
  Value evaluate_call(const Expr& expr, const Value* caller);
  Value evaluate_filter(const Expr& expr);
  Value evaluate_test(const Expr& expr);
  void evaluate_arguments(const Arguments& arguments, CallArgs& out);

  const Template& tree_;
  Value context_;
  std::map<std::string, Value> variables_;  // assigned at the top level
  std::shared_ptr<Activation> activation_;
  std::string* out_ = nullptr;
  Value contents_;  // of the block whose filter is being evaluated
};

}  // namespace mlxa::jinja
