// Expressions, from the loosest operator to the tightest.
#include <algorithm>

#include "text/template/parser.h"

namespace mlxa::jinja {

Parser::Nest::Nest(Parser& parser) : parser_(parser) {
  if (parser_.depth_ >= kMaxParseDepth) {
    throw Failure(FailureKind::kSyntax, "nested too deeply", parser_.current().line);
  }
  parser_.depth_++;
}

ExprPtr Parser::node(ExprKind kind, int line, std::vector<ExprPtr> items) const {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->line = line;
  expr->items = std::move(items);
  return measured(std::move(expr));
}

ExprPtr Parser::measured(ExprPtr expr) const {
  int height = 0;
  auto see = [&height](const ExprPtr& child) {
    if (child) height = std::max(height, child->height);
  };
  for (const ExprPtr& item : expr->items) see(item);
  for (const ExprPtr& item : expr->arguments.positional) see(item);
  for (const auto& [name, item] : expr->arguments.named) see(item);
  see(expr->arguments.list);
  see(expr->arguments.dict);
  expr->height = height + 1;
  if (expr->height > kMaxNodeHeight) fail_at(expr->line, "expression too long");
  return expr;
}

ExprPtr Parser::binary(ExprKind kind, Arithmetic operation, ExprPtr left, ExprPtr right,
                       int line) const {
  ExprPtr expr = node(kind, line, list_of(std::move(left), std::move(right)));
  expr->operation = operation;
  return expr;
}

bool Parser::at_tuple_end(const TupleRules& rules) const {
  const Token& token = current();
  return token.kind == TokenKind::kVariableEnd || token.kind == TokenKind::kBlockEnd ||
         token.is_operator(")") || (!rules.end.empty() && token.is_name(rules.end));
}

ExprPtr Parser::parse_tuple(const TupleRules& rules) {
  int line = current().line;
  std::vector<ExprPtr> items;
  bool is_tuple = false;
  while (true) {
    if (!items.empty()) expect_operator(",");
    if (at_tuple_end(rules)) break;
    items.push_back(rules.simplified ? parse_primary(rules.with_namespace)
                                     : parse_expression(rules.with_cond));
    if (!current().is_operator(",")) break;
    is_tuple = true;
    line = current().line;
  }
  if (!is_tuple) {
    if (!items.empty()) return std::move(items[0]);
    if (!rules.parenthesized) {
      fail_at(current().line, "Expected an expression, got '" + describe(current()) + "'");
    }
  }
  return node(ExprKind::kTuple, line, std::move(items));
}

ExprPtr Parser::parse_expression(bool with_cond) {
  Nest nest(*this);
  return with_cond ? parse_cond() : parse_or();
}

ExprPtr Parser::parse_cond() {
  Nest nest(*this);
  int line = current().line;
  ExprPtr value = parse_or();
  while (skip_name("if")) {
    ExprPtr test = parse_or();
    std::vector<ExprPtr> items = list_of(std::move(test), std::move(value));
    if (skip_name("else")) items.push_back(parse_cond());
    value = node(ExprKind::kCond, line, std::move(items));
    line = current().line;
  }
  return value;
}

ExprPtr Parser::parse_or() {
  int line = current().line;
  ExprPtr left = parse_and();
  while (skip_name("or")) {
    left = node(ExprKind::kOr, line, list_of(std::move(left), parse_and()));
    line = current().line;
  }
  return left;
}

ExprPtr Parser::parse_and() {
  int line = current().line;
  ExprPtr left = parse_not();
  while (skip_name("and")) {
    left = node(ExprKind::kAnd, line, list_of(std::move(left), parse_not()));
    line = current().line;
  }
  return left;
}

ExprPtr Parser::parse_not() {
  if (!current().is_name("not")) return parse_comparison();
  Nest nest(*this);
  int line = next().line;
  return node(ExprKind::kNot, line, list_of(parse_not()));
}

ExprPtr Parser::parse_comparison() {
  static constexpr std::pair<std::string_view, Comparison> kSigns[] = {
      {"==", Comparison::kEqual},  {"!=", Comparison::kNotEqual},
      {"<", Comparison::kLess},    {"<=", Comparison::kLessEqual},
      {">", Comparison::kGreater}, {">=", Comparison::kGreaterEqual},
  };
  int line = current().line;
  std::vector<ExprPtr> operands;
  std::vector<Comparison> comparisons;
  operands.push_back(parse_sum());
  while (true) {
    auto sign = std::find_if(std::begin(kSigns), std::end(kSigns),
                             [this](const auto& row) { return current().is_operator(row.first); });
    if (sign != std::end(kSigns)) {
      next();
      comparisons.push_back(sign->second);
    } else if (skip_name("in")) {
      comparisons.push_back(Comparison::kIn);
    } else if (current().is_name("not") && look().is_name("in")) {
      next();
      next();
      comparisons.push_back(Comparison::kNotIn);
    } else {
      break;
    }
    operands.push_back(parse_sum());
  }
  if (comparisons.empty()) return std::move(operands[0]);
  ExprPtr expr = node(ExprKind::kCompare, line, std::move(operands));
  expr->comparisons = std::move(comparisons);
  return expr;
}

ExprPtr Parser::parse_sum() {
  int line = current().line;
  ExprPtr left = parse_concat();
  while (current().is_operator("+") || current().is_operator("-")) {
    Arithmetic operation = next().text == "+" ? Arithmetic::kAdd : Arithmetic::kSub;
    left = binary(ExprKind::kBinary, operation, std::move(left), parse_concat(), line);
    line = current().line;
  }
  return left;
}

ExprPtr Parser::parse_concat() {
  int line = current().line;
  std::vector<ExprPtr> items;
  items.push_back(parse_product());
  while (skip_operator("~")) items.push_back(parse_product());
  if (items.size() == 1) return std::move(items[0]);
  return node(ExprKind::kConcat, line, std::move(items));
}

ExprPtr Parser::parse_product() {
  static constexpr std::pair<std::string_view, Arithmetic> kSigns[] = {
      {"*", Arithmetic::kMul},
      {"/", Arithmetic::kDiv},
      {"//", Arithmetic::kFloorDiv},
      {"%", Arithmetic::kMod},
  };
  int line = current().line;
  ExprPtr left = parse_power();
  while (true) {
    auto sign = std::find_if(std::begin(kSigns), std::end(kSigns),
                             [this](const auto& row) { return current().is_operator(row.first); });
    if (sign == std::end(kSigns)) return left;
    next();
    left = binary(ExprKind::kBinary, sign->second, std::move(left), parse_power(), line);
    line = current().line;
  }
}

ExprPtr Parser::parse_power() {
  int line = current().line;
  ExprPtr left = parse_unary(true);
  while (skip_operator("**")) {
    ExprPtr right = parse_unary(true);
    left = binary(ExprKind::kBinary, Arithmetic::kPow, std::move(left), std::move(right), line);
    line = current().line;
  }
  return left;
}

ExprPtr Parser::parse_unary(bool with_filter) {
  Nest nest(*this);
  int line = current().line;
  ExprPtr expr;
  if (current().is_operator("-") || current().is_operator("+")) {
    ExprKind kind = next().text == "-" ? ExprKind::kNegate : ExprKind::kPlus;
    expr = node(kind, line, list_of(parse_unary(false)));
  } else {
    expr = parse_primary(false);
  }
  expr = parse_postfix(std::move(expr));
  return with_filter ? parse_filters(std::move(expr)) : std::move(expr);
}

ExprPtr Parser::parse_name(bool with_namespace) {
  const Token& token = next();
  auto constant = [&](Value value) {
    ExprPtr expr = node(ExprKind::kConst, token.line);
    expr->value = std::move(value);
    return expr;
  };
  if (token.text == "true" || token.text == "True") return constant(Value::boolean(true));
  if (token.text == "false" || token.text == "False") return constant(Value::boolean(false));
  if (token.text == "none" || token.text == "None") return constant(Value::none());
  ExprPtr name = node(ExprKind::kName, token.line);
  name->text = token.text;
  if (!with_namespace || !skip_operator(".")) return name;
  ExprPtr member = node(ExprKind::kMember, token.line, list_of(std::move(name)));
  member->value = Value::string(expect(TokenKind::kName, "name").text);
  return member;
}

ExprPtr Parser::parse_primary(bool with_namespace) {
  const Token& token = current();
  if (token.kind == TokenKind::kName) return parse_name(with_namespace);
  if (token.kind == TokenKind::kString) {
    std::string text;
    while (current().kind == TokenKind::kString) text += next().text;
    ExprPtr expr = node(ExprKind::kConst, token.line);
    expr->value = Value::string(std::move(text));
    return expr;
  }
  if (token.kind == TokenKind::kInteger || token.kind == TokenKind::kFloat) {
    ExprPtr expr = node(ExprKind::kConst, token.line);
    expr->value = next().number;
    return expr;
  }
  if (skip_operator("(")) {
    TupleRules rules;
    rules.parenthesized = true;
    ExprPtr expr = parse_tuple(rules);
    expect_operator(")");
    return expr;
  }
  if (token.is_operator("[")) return parse_list();
  if (token.is_operator("{")) return parse_dict();
  fail_at(token.line, "unexpected '" + describe(token) + "'");
}

ExprPtr Parser::parse_list() {
  int line = next().line;
  std::vector<ExprPtr> items;
  while (!current().is_operator("]")) {
    if (!items.empty()) expect_operator(",");
    if (current().is_operator("]")) break;
    items.push_back(parse_expression());
  }
  next();
  return node(ExprKind::kList, line, std::move(items));
}

ExprPtr Parser::parse_dict() {
  int line = next().line;
  std::vector<ExprPtr> items;
  while (!current().is_operator("}")) {
    if (!items.empty()) expect_operator(",");
    if (current().is_operator("}")) break;
    items.push_back(parse_expression());
    expect_operator(":");
    items.push_back(parse_expression());
  }
  next();
  return node(ExprKind::kDict, line, std::move(items));
}

}  // namespace mlxa::jinja
