// Tokens to the parsed template; internal to parse_template.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "text/template/ast.h"
#include "text/template/lexer.h"

namespace mlxa::jinja {

/// A list of its arguments.
template <typename... Exprs>
std::vector<ExprPtr> list_of(Exprs... exprs) {
  std::vector<ExprPtr> list;
  (list.push_back(std::move(exprs)), ...);
  return list;
}

/// A recursive-descent parser of the reference's grammar. One use.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  Body parse();

 private:
  using Names = std::initializer_list<std::string_view>;
  // One level of nesting; its depth is limited.
  class Nest {
   public:
    explicit Nest(Parser& parser);
    ~Nest() { parser_.depth_--; }
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;

   private:
    Parser& parser_;
  };

  // Tokens.
  const Token& current() const { return tokens_[position_]; }
  const Token& look() const;
  const Token& next();
  bool skip_name(std::string_view name);
  bool skip_operator(std::string_view sign);
  const Token& expect(TokenKind kind, const char* what);
  void expect_operator(std::string_view sign);
  [[noreturn]] void fail_at(int line, const std::string& message) const;
  [[noreturn]] void unexpected(const std::string& expected) const;

  // Statements.
  Body parse_body(Names ends);
  Body parse_block(Names ends, bool drop_end);
  [[noreturn]] void fail_unclosed(Names ends) const;
  StmtPtr parse_statement();
  StmtPtr parse_for();
  StmtPtr parse_if();
  StmtPtr parse_macro();
  StmtPtr parse_call_block();
  StmtPtr parse_generation();
  StmtPtr parse_filter_block();
  StmtPtr parse_with();
  StmtPtr parse_set();
  StmtPtr parse_print();
  StmtPtr parse_loop_control(StmtKind kind);
  void parse_signature(MacroInfo& macro);
  Body parse_function_body(Names ends);
  std::string parse_target_name();
  ExprPtr parse_target(bool with_namespace, std::string_view end);
  void check_target(const Expr& target) const;
  StmtPtr statement(StmtKind kind, int line) const;

  // Expressions.
  struct TupleRules {
    bool simplified = false;  // names and literals only, for targets
    bool with_cond = true;
    bool with_namespace = false;
    bool parenthesized = false;
    std::string_view end = {};  // a name that also ends the tuple
  };
  ExprPtr parse_tuple(const TupleRules& rules);
  ExprPtr parse_expression(bool with_cond = true);
  ExprPtr parse_cond();
  ExprPtr parse_or();
  ExprPtr parse_and();
  ExprPtr parse_not();
  ExprPtr parse_comparison();
  ExprPtr parse_sum();
  ExprPtr parse_concat();
  ExprPtr parse_product();
  ExprPtr parse_power();
  ExprPtr parse_unary(bool with_filter);
  ExprPtr parse_primary(bool with_namespace);
  ExprPtr parse_name(bool with_namespace);
  ExprPtr parse_list();
  ExprPtr parse_dict();
  ExprPtr parse_postfix(ExprPtr node);
  ExprPtr parse_filters(ExprPtr node);
  ExprPtr parse_subscript(ExprPtr node);
  ExprPtr parse_bracket(ExprPtr node, int line);
  ExprPtr parse_call(ExprPtr node);
  ExprPtr parse_filter(ExprPtr node);
  ExprPtr parse_test(ExprPtr node);
  Arguments parse_arguments();
  std::string parse_dotted_name();
  bool at_tuple_end(const TupleRules& rules) const;
  bool starts_test_argument() const;
  ExprPtr node(ExprKind kind, int line, std::vector<ExprPtr> items = {}) const;
  ExprPtr binary(ExprKind kind, Arithmetic operation, ExprPtr left, ExprPtr right, int line) const;
  ExprPtr measured(ExprPtr expr) const;

  std::vector<Token> tokens_;
  size_t position_ = 0;
  int depth_ = 0;
  int for_depth_ = 0;   // for blocks around
  int loop_depth_ = 0;  // loops that break and continue act on
};

}  // namespace mlxa::jinja
