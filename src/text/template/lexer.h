// Template source to tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/template/value.h"

namespace mlxa::jinja {

enum class TokenKind {
  kData,           ///< Text outside of tags.
  kVariableBegin,  ///< {{
  kVariableEnd,
  kBlockBegin,  ///< {%
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,  ///< `text` is the sign.
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  ///< Data, name, operator; a string's value.
  Value number;      ///< Of kInteger and kFloat.
  int line = 1;

  bool is_name(std::string_view name) const { return kind == TokenKind::kName && text == name; }
  bool is_operator(std::string_view sign) const {
    return kind == TokenKind::kOperator && text == sign;
  }
};

/// The tokens of `source` (UTF-8), the last one kEnd. White space is treated as with trim_blocks
/// and lstrip_blocks; one newline at the end is dropped. Throws kSyntax with the line.
std::vector<Token> tokenize(std::string_view source);

/// The value of a string literal from its inside, by Python's escapes. Throws kSyntax with `line`.
std::string unescape(std::string_view text, int line);

/// What a message calls the token.
std::string describe(const Token& token);

}  // namespace mlxa::jinja
