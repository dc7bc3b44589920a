// Tags and the text between them.
#include <algorithm>

#include "text/template/parser.h"
#include "text/template/resolver.h"

namespace mlxa::jinja {

const Token& Parser::look() const { return tokens_[std::min(position_ + 1, tokens_.size() - 1)]; }

const Token& Parser::next() {
  const Token& token = tokens_[position_];
  if (position_ + 1 < tokens_.size()) position_++;
  return token;
}

bool Parser::skip_name(std::string_view name) {
  if (!current().is_name(name)) return false;
  next();
  return true;
}

bool Parser::skip_operator(std::string_view sign) {
  if (!current().is_operator(sign)) return false;
  next();
  return true;
}

void Parser::fail_at(int line, const std::string& message) const {
  throw Failure(FailureKind::kSyntax, message, line);
}

void Parser::unexpected(const std::string& expected) const {
  if (current().kind == TokenKind::kEnd) {
    fail_at(current().line, "unexpected end of template, expected '" + expected + "'.");
  }
  fail_at(current().line, "expected token '" + expected + "', got '" + describe(current()) + "'");
}

const Token& Parser::expect(TokenKind kind, const char* what) {
  if (current().kind != kind) unexpected(what);
  return next();
}

void Parser::expect_operator(std::string_view sign) {
  if (!skip_operator(sign)) unexpected(std::string(sign));
}

StmtPtr Parser::statement(StmtKind kind, int line) const {
  auto stmt = std::make_unique<Stmt>();
  stmt->kind = kind;
  stmt->line = line;
  return stmt;
}

Body Parser::parse() { return parse_body({}); }

// Statements and text until a tag that starts with one of `ends`, which becomes current, or the
// end of the template.
Body Parser::parse_body(Names ends) {
  Nest nest(*this);
  Body body;
  StmtPtr output;
  auto print = [&](ExprPtr expr) {
    if (!output) output = statement(StmtKind::kOutput, expr->line);
    output->exprs.push_back(std::move(expr));
  };
  auto flush = [&] {
    if (output) body.push_back(std::move(output));
  };
  while (current().kind != TokenKind::kEnd) {
    const Token& token = next();
    if (token.kind == TokenKind::kData) {
      ExprPtr text = node(ExprKind::kConst, token.line);
      text->value = Value::string(token.text);
      print(std::move(text));
    } else if (token.kind == TokenKind::kVariableBegin) {
      print(parse_tuple({}));
      expect(TokenKind::kVariableEnd, "end of print statement");
    } else {
      flush();
      auto ends_here = [this](std::string_view name) { return current().is_name(name); };
      if (std::any_of(ends.begin(), ends.end(), ends_here)) return body;
      body.push_back(parse_statement());
      expect(TokenKind::kBlockEnd, "end of statement block");
    }
  }
  flush();
  return body;
}

Body Parser::parse_block(Names ends, bool drop_end) {
  skip_operator(":");
  expect(TokenKind::kBlockEnd, "end of statement block");
  Body body = parse_body(ends);
  if (current().kind == TokenKind::kEnd) fail_unclosed(ends);
  if (drop_end) next();
  return body;
}

void Parser::fail_unclosed(Names ends) const {
  std::string list;
  for (std::string_view name : ends) {
    list += (list.empty() ? "'" : " or '") + std::string(name) + "'";
  }
  fail_at(current().line,
          "Unexpected end of template. Jinja was looking for the following tags: " + list + ".");
}

StmtPtr Parser::parse_statement() {
  const Token& token = current();
  if (token.kind != TokenKind::kName) fail_at(token.line, "tag name expected");
  const std::string& name = token.text;
  if (name == "for") return parse_for();
  if (name == "if") return parse_if();
  if (name == "set") return parse_set();
  if (name == "macro") return parse_macro();
  if (name == "call") return parse_call_block();
  if (name == "filter") return parse_filter_block();
  if (name == "with") return parse_with();
  if (name == "print") return parse_print();
  if (name == "generation") return parse_generation();
  if (name == "break") return parse_loop_control(StmtKind::kBreak);
  if (name == "continue") return parse_loop_control(StmtKind::kContinue);
  for (const char* known : {"include", "import", "from", "extends", "block", "autoescape"}) {
    if (name == known) {
      throw Failure(FailureKind::kUnsupported, "the tag '" + name + "' is not supported",
                    token.line);
    }
  }
  fail_at(token.line, "Encountered unknown tag '" + name + "'.");
}

void Parser::check_target(const Expr& target) const {
  if (target.kind == ExprKind::kTuple) {
    for (const ExprPtr& item : target.items) check_target(*item);
  } else if (target.kind == ExprKind::kName) {
    if (target.text == "loop" && for_depth_ > 0) {
      fail_at(target.line, "Can't assign to special loop variable in for-loop target");
    }
  } else if (target.kind != ExprKind::kMember) {
    fail_at(target.line, "can't assign to this expression");
  }
}

ExprPtr Parser::parse_target(bool with_namespace, std::string_view end) {
  TupleRules rules;
  rules.simplified = true;
  rules.with_namespace = with_namespace;
  rules.end = end;
  ExprPtr target = parse_tuple(rules);
  check_target(*target);
  return target;
}

std::string Parser::parse_target_name() {
  const Token& token = expect(TokenKind::kName, "name");
  for (const char* reserved : {"true", "false", "none", "True", "False", "None"}) {
    if (token.text == reserved) fail_at(token.line, "can't assign to '" + token.text + "'");
  }
  return token.text;
}

StmtPtr Parser::parse_for() {
  StmtPtr stmt = statement(StmtKind::kFor, next().line);
  for_depth_++;
  stmt->target = parse_target(false, "in");
  if (!skip_name("in")) unexpected("in");
  TupleRules rules;
  rules.with_cond = false;
  rules.end = "recursive";
  stmt->exprs.push_back(parse_tuple(rules));
  if (skip_name("if")) stmt->test = parse_expression();
  stmt->recursive = skip_name("recursive");
  loop_depth_++;
  stmt->bodies.push_back(parse_block({"endfor", "else"}, false));
  loop_depth_--;
  if (next().text == "else") {
    int outer = loop_depth_;
    if (stmt->recursive) loop_depth_ = 0;
    stmt->bodies.push_back(parse_block({"endfor"}, true));
    loop_depth_ = outer;
  }
  for_depth_--;
  return stmt;
}

StmtPtr Parser::parse_if() {
  StmtPtr stmt = statement(StmtKind::kIf, next().line);
  TupleRules rules;
  rules.with_cond = false;
  while (true) {
    stmt->exprs.push_back(parse_tuple(rules));
    stmt->bodies.push_back(parse_block({"elif", "else", "endif"}, false));
    const Token& end = next();
    if (end.text == "elif") continue;
    if (end.text == "else") stmt->bodies.push_back(parse_block({"endif"}, true));
    return stmt;
  }
}

// A body that break and continue cannot leave.
Body Parser::parse_function_body(Names ends) {
  int outer = loop_depth_;
  loop_depth_ = 0;
  Body body = parse_block(ends, true);
  loop_depth_ = outer;
  return body;
}

void Parser::parse_signature(MacroInfo& macro) {
  expect_operator("(");
  while (!current().is_operator(")")) {
    if (!macro.parameters.empty()) expect_operator(",");
    ExprPtr target = node(ExprKind::kName, current().line);
    target->text = parse_target_name();
    macro.parameters.push_back(target->text);
    macro.targets.push_back(std::move(target));
    if (skip_operator("=")) {
      macro.defaults.push_back(parse_expression());
    } else if (!macro.defaults.empty()) {
      fail_at(current().line, "non-default argument follows default argument");
    }
  }
  next();
  for (size_t i = 0; i < macro.parameters.size(); i++) {
    for (size_t j = 0; j < i; j++) {
      if (macro.parameters[i] == macro.parameters[j]) {
        fail_at(current().line, "duplicate argument '" + macro.parameters[i] + "'");
      }
    }
  }
}

StmtPtr Parser::parse_macro() {
  StmtPtr stmt = statement(StmtKind::kMacro, next().line);
  stmt->macro = std::make_unique<MacroInfo>();
  stmt->target = node(ExprKind::kName, stmt->line);
  stmt->target->text = stmt->macro->name = parse_target_name();
  parse_signature(*stmt->macro);
  stmt->bodies.push_back(parse_function_body({"endmacro"}));
  return stmt;
}

StmtPtr Parser::parse_call_block() {
  StmtPtr stmt = statement(StmtKind::kCallBlock, next().line);
  stmt->macro = std::make_unique<MacroInfo>();
  if (current().is_operator("(")) parse_signature(*stmt->macro);
  stmt->exprs.push_back(parse_expression());
  if (stmt->exprs[0]->kind != ExprKind::kCall) fail_at(stmt->line, "expected call");
  stmt->bodies.push_back(parse_function_body({"endcall"}));
  return stmt;
}

StmtPtr Parser::parse_generation() {
  StmtPtr stmt = statement(StmtKind::kGeneration, next().line);
  stmt->macro = std::make_unique<MacroInfo>();
  stmt->bodies.push_back(parse_function_body({"endgeneration"}));
  return stmt;
}

StmtPtr Parser::parse_filter_block() {
  StmtPtr stmt = statement(StmtKind::kFilterBlock, next().line);
  ExprPtr filter = parse_filter(nullptr);
  while (skip_operator("|")) filter = parse_filter(std::move(filter));
  stmt->exprs.push_back(std::move(filter));
  stmt->bodies.push_back(parse_block({"endfilter"}, true));
  return stmt;
}

StmtPtr Parser::parse_with() {
  StmtPtr stmt = statement(StmtKind::kWith, next().line);
  while (current().kind != TokenKind::kBlockEnd) {
    if (!stmt->targets.empty()) expect_operator(",");
    TupleRules rules;
    rules.simplified = true;
    ExprPtr target = parse_tuple(rules);
    int loops = std::exchange(for_depth_, 0);  // a with block may name its variable loop
    check_target(*target);
    for_depth_ = loops;
    stmt->targets.push_back(std::move(target));
    expect_operator("=");
    stmt->exprs.push_back(parse_expression());
  }
  stmt->bodies.push_back(parse_block({"endwith"}, true));
  return stmt;
}

StmtPtr Parser::parse_set() {
  int line = next().line;
  ExprPtr target = parse_target(true, {});
  StmtPtr stmt = statement(StmtKind::kSet, line);
  stmt->target = std::move(target);
  if (skip_operator("=")) {
    stmt->exprs.push_back(parse_tuple({}));
    return stmt;
  }
  stmt->kind = StmtKind::kSetBlock;
  ExprPtr filter;
  while (skip_operator("|")) filter = parse_filter(std::move(filter));
  if (filter) stmt->exprs.push_back(std::move(filter));
  stmt->bodies.push_back(parse_block({"endset"}, true));
  return stmt;
}

StmtPtr Parser::parse_print() {
  StmtPtr stmt = statement(StmtKind::kOutput, next().line);
  while (current().kind != TokenKind::kBlockEnd) {
    if (!stmt->exprs.empty()) expect_operator(",");
    stmt->exprs.push_back(parse_expression());
  }
  return stmt;
}

StmtPtr Parser::parse_loop_control(StmtKind kind) {
  const Token& token = next();
  if (loop_depth_ == 0) fail_at(token.line, "'" + token.text + "' outside loop");
  return statement(kind, token.line);
}

Template parse_template(std::string_view source) {
  Template result;
  result.body = Parser(tokenize(source)).parse();
  resolve_names(result);
  return result;
}

}  // namespace mlxa::jinja
