// What follows a value: subscripts, calls, filters and tests.
#include "text/template/parser.h"

namespace mlxa::jinja {

ExprPtr Parser::parse_postfix(ExprPtr expr) {
  while (true) {
    if (current().is_operator(".") || current().is_operator("[")) {
      expr = parse_subscript(std::move(expr));
    } else if (current().is_operator("(")) {
      expr = parse_call(std::move(expr));
    } else {
      return expr;
    }
  }
}

ExprPtr Parser::parse_filters(ExprPtr expr) {
  while (true) {
    if (skip_operator("|")) {
      expr = parse_filter(std::move(expr));
    } else if (current().is_name("is")) {
      expr = parse_test(std::move(expr));
    } else if (current().is_operator("(")) {
      expr = parse_call(std::move(expr));
    } else {
      return expr;
    }
  }
}

ExprPtr Parser::parse_subscript(ExprPtr expr) {
  const Token& token = next();
  if (token.text == "[") return parse_bracket(std::move(expr), token.line);
  const Token& member = next();
  if (member.kind == TokenKind::kName) {
    ExprPtr attribute = node(ExprKind::kAttribute, token.line, list_of(std::move(expr)));
    attribute->value = Value::string(member.text);
    return attribute;
  }
  if (member.kind != TokenKind::kInteger) fail_at(member.line, "expected name or number");
  ExprPtr index = node(ExprKind::kConst, member.line);
  index->value = member.number;
  return node(ExprKind::kItem, token.line, list_of(std::move(expr), std::move(index)));
}

ExprPtr Parser::parse_bracket(ExprPtr expr, int line) {
  std::vector<ExprPtr> indices;
  std::vector<ExprPtr> slice;
  auto at_end = [this] { return current().is_operator("]") || current().is_operator(","); };
  while (!current().is_operator("]")) {
    if (!indices.empty()) expect_operator(",");
    ExprPtr first = current().is_operator(":") ? nullptr : parse_expression();
    if (!current().is_operator(":")) {
      indices.push_back(std::move(first));
      continue;
    }
    next();
    ExprPtr stop = at_end() || current().is_operator(":") ? nullptr : parse_expression();
    ExprPtr step;
    if (skip_operator(":") && !at_end()) step = parse_expression();
    if (!indices.empty() || !current().is_operator("]")) {
      fail_at(line, "a slice cannot be one of several indices");
    }
    next();
    return node(ExprKind::kSlice, line,
                list_of(std::move(expr), std::move(first), std::move(stop), std::move(step)));
  }
  next();
  ExprPtr index = indices.size() == 1 ? std::move(indices[0])
                                      : node(ExprKind::kTuple, line, std::move(indices));
  return node(ExprKind::kItem, line, list_of(std::move(expr), std::move(index)));
}

Arguments Parser::parse_arguments() {
  int line = current().line;
  expect_operator("(");
  Arguments out;
  auto ensure = [&](bool fits) {
    if (!fits) fail_at(line, "invalid syntax for function call expression");
  };
  bool first = true;
  while (!current().is_operator(")")) {
    if (!first) expect_operator(",");
    if (!first && current().is_operator(")")) break;
    first = false;
    if (skip_operator("*")) {
      ensure(!out.list && !out.dict);
      out.list = parse_expression();
    } else if (skip_operator("**")) {
      ensure(!out.dict);
      out.dict = parse_expression();
    } else if (current().kind == TokenKind::kName && look().is_operator("=")) {
      ensure(!out.dict);
      std::string name = next().text;
      next();
      for (const auto& [known, value] : out.named) {
        if (known == name) fail_at(line, "keyword argument repeated: " + name);
      }
      out.named.emplace_back(std::move(name), parse_expression());
    } else {
      ensure(!out.list && !out.dict && out.named.empty());
      out.positional.push_back(parse_expression());
    }
  }
  next();
  return out;
}

ExprPtr Parser::parse_call(ExprPtr expr) {
  ExprPtr call = node(ExprKind::kCall, current().line, list_of(std::move(expr)));
  call->arguments = parse_arguments();
  return measured(std::move(call));
}

std::string Parser::parse_dotted_name() {
  std::string name = expect(TokenKind::kName, "name").text;
  while (skip_operator(".")) name += "." + expect(TokenKind::kName, "name").text;
  return name;
}

ExprPtr Parser::parse_filter(ExprPtr expr) {
  ExprPtr filter = node(ExprKind::kFilter, current().line, list_of(std::move(expr)));
  filter->text = parse_dotted_name();
  if (current().is_operator("(")) filter->arguments = parse_arguments();
  return measured(std::move(filter));
}

bool Parser::starts_test_argument() const {
  const Token& token = current();
  if (token.is_name("else") || token.is_name("or") || token.is_name("and")) return false;
  return token.kind == TokenKind::kName || token.kind == TokenKind::kString ||
         token.kind == TokenKind::kInteger || token.kind == TokenKind::kFloat ||
         token.is_operator("[") || token.is_operator("{");
}

ExprPtr Parser::parse_test(ExprPtr expr) {
  int line = next().line;
  bool negated = skip_name("not");
  ExprPtr test = node(ExprKind::kTest, line, list_of(std::move(expr)));
  test->text = parse_dotted_name();
  if (current().is_operator("(")) {
    test->arguments = parse_arguments();
  } else if (starts_test_argument()) {
    if (current().is_name("is")) fail_at(current().line, "You cannot chain multiple tests with is");
    Nest nest(*this);
    test->arguments.positional.push_back(parse_postfix(parse_primary(false)));
  }
  test = measured(std::move(test));
  return negated ? node(ExprKind::kNot, line, list_of(std::move(test))) : std::move(test);
}

}  // namespace mlxa::jinja
