#include "text/template/lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "text/template/numbers.h"
#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

constexpr std::array<std::string_view, 26> kOperators{
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
    "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};

[[noreturn]] void syntax_error(std::string message, int line) {
  throw Failure(FailureKind::kSyntax, std::move(message), line);
}

// All line ends as \n, without one at the very end.
std::string normalize(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); i++) {
    if (source[i] == '\r') {
      if (i + 1 < source.size() && source[i + 1] == '\n') continue;
      out += '\n';
    } else {
      out += source[i];
    }
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(normalize(source)) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) data();
    add(TokenKind::kEnd, "");
    return std::move(tokens_);
  }

 private:
  enum class Tag { kVariable, kBlock, kComment, kRaw };

  char char_at(size_t position) const {
    return position < source_.size() ? source_[position] : '\0';
  }
  bool at(std::string_view text, size_t position) const {
    return source_.compare(position, text.size(), text) == 0;
  }

  void add(TokenKind kind, std::string text, Value number = {}) {
    tokens_.push_back({kind, std::move(text), std::move(number), line_});
  }

  // Moves to `end`, counting lines.
  void move_to(size_t end) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<long>(at_),
                                         source_.begin() + static_cast<long>(end), '\n'));
    at_ = end;
  }

  size_t skip_space(size_t position) const {
    while (position < source_.size()) {
      size_t next = position;
      if (!is_space(next_code_point(source_, next))) break;
      position = next;
    }
    return position;
  }

  // Where a tag that closes with `close` ends, if one closes at `position`: "-" strips what
  // follows, a bare one takes a newline if `trims`, and "+" is bare without that.
  std::optional<size_t> tag_end(size_t position, std::string_view close, bool trims) const {
    char sign = char_at(position);
    if (sign == '-' && at(close, position + 1)) return skip_space(position + 1 + close.size());
    if (sign == '+' && trims && at(close, position + 1)) return position + 1 + close.size();
    if (!at(close, position)) return std::nullopt;
    size_t end = position + close.size();
    return trims && char_at(end) == '\n' ? end + 1 : end;
  }

  // {% raw %} at `position`: where its inside starts.
  std::optional<size_t> raw_begin(size_t position) const {
    size_t inside = position + 2;
    if (char_at(inside) == '-' || char_at(inside) == '+') inside++;
    inside = skip_space(inside);
    if (!at("raw", inside)) return std::nullopt;
    inside = skip_space(inside + 3);
    if (at("-%}", inside)) return skip_space(inside + 3);
    if (at("%}", inside)) return inside + 2;
    return std::nullopt;
  }

  // Adds text before a tag, stripped as the tag's sign and lstrip_blocks say.
  void add_data(size_t end, char sign, bool strips_line) {
    std::string_view text = std::string_view(source_).substr(at_, end - at_);
    if (sign == '-') {
      text = strip_space_right(text);
    } else if (sign != '+' && strips_line) {
      size_t line = text.rfind('\n') + 1;
      bool whole_line = line > 0 || line_starting_;
      if (whole_line && line < text.size() && strip_space(text.substr(line)).empty()) {
        text = text.substr(0, line);
      }
    }
    if (!text.empty()) add(TokenKind::kData, std::string(text));
    move_to(end);
  }

  // Text up to the next tag, and that tag.
  void data() {
    size_t begin = at_;
    std::optional<size_t> raw;
    Tag tag = Tag::kVariable;
    for (;; begin++) {
      begin = source_.find('{', begin);
      if (begin == source_.npos) {
        add(TokenKind::kData, source_.substr(at_));
        move_to(source_.size());
        return;
      }
      char next = char_at(begin + 1);
      if (next == '%' && (raw = raw_begin(begin)))
        tag = Tag::kRaw;
      else if (next == '%')
        tag = Tag::kBlock;
      else if (next == '#')
        tag = Tag::kComment;
      else if (next == '{')
        tag = Tag::kVariable;
      else
        continue;
      break;
    }
    char sign = char_at(begin + 2);
    if (sign != '-' && sign != '+') sign = '\0';
    add_data(begin, sign, tag != Tag::kVariable);
    if (tag == Tag::kRaw) return raw_block(*raw);
    size_t inside = begin + (sign ? 3 : 2);
    if (tag == Tag::kComment) return comment(inside);
    code(tag, inside);
  }

  void comment(size_t inside) {
    // The reference accepts a comment that opens at the very end.
    if (inside == source_.size()) return move_to(inside);
    for (size_t position = inside; position < source_.size(); position++) {
      if (auto end = tag_end(position, "#}", true)) return close_tag(*end);
    }
    syntax_error("Missing end of comment tag", line_);
  }

  void raw_block(size_t inside) {
    move_to(inside);
    if (inside == source_.size()) return;
    for (size_t position = inside;; position++) {
      position = source_.find("{%", position);
      if (position == source_.npos) syntax_error("Missing end of raw directive", line_);
      char sign = char_at(position + 2);
      if (sign != '-' && sign != '+') sign = '\0';
      size_t word = skip_space(position + (sign ? 3 : 2));
      if (!at("endraw", word)) continue;
      auto end = tag_end(skip_space(word + 6), "%}", true);
      if (!end) continue;
      line_starting_ = char_at(inside - 1) == '\n';
      add_data(position, sign, true);
      return close_tag(*end);
    }
  }

  void close_tag(size_t end) {
    line_starting_ = source_[end - 1] == '\n';
    move_to(end);
  }

  // The tokens of a tag, from its begin to its end.
  void code(Tag tag, size_t inside) {
    bool block = tag == Tag::kBlock;
    add(block ? TokenKind::kBlockBegin : TokenKind::kVariableBegin, "");
    move_to(inside);
    brackets_.clear();
    while (at_ < source_.size()) {
      if (brackets_.empty()) {
        if (auto end = tag_end(at_, block ? "%}" : "}}", block)) {
          add(block ? TokenKind::kBlockEnd : TokenKind::kVariableEnd, "");
          return close_tag(*end);
        }
      }
      if (size_t after = skip_space(at_); after > at_) {
        move_to(after);
        continue;
      }
      if (!number() && !name() && !string()) sign();
    }
  }

  size_t digits_end(size_t position, std::string_view digits) const {
    size_t end = position;
    for (;;) {
      size_t next = char_at(end) == '_' && end > position ? end + 1 : end;
      if (next >= source_.size() || digits.find(source_[next]) == digits.npos) return end;
      end = next + 1;
    }
  }

  bool number() {
    static constexpr std::string_view kDigits = "0123456789";
    if (kDigits.find(source_[at_]) == kDigits.npos) return false;
    size_t end = digits_end(at_, kDigits);
    // After a dot, digits are a subscript: x.0.1 has no floats.
    bool may_be_float = at_ == 0 || source_[at_ - 1] != '.';
    if (may_be_float && float_number(end)) return true;
    std::string_view digits;
    char letter = static_cast<char>(char_at(at_ + 1) | 0x20);
    if (source_[at_] == '0' && letter == 'b') digits = "01";
    if (source_[at_] == '0' && letter == 'o') digits = "01234567";
    if (source_[at_] == '0' && letter == 'x') digits = "0123456789abcdefABCDEF";
    if (!digits.empty()) {
      size_t start = at_ + 2 + (char_at(at_ + 2) == '_' ? 1 : 0);
      size_t prefixed = digits_end(start, digits);
      if (prefixed > start)
        end = prefixed;
      else
        end = at_ + 1;
    } else if (source_[at_] == '0') {
      end = digits_end(at_, "0");
    }
    auto value = parse_int(std::string_view(source_).substr(at_, end - at_), 0);
    add(TokenKind::kInteger, source_.substr(at_, end - at_), Value::integer(value.value_or(0)));
    at_ = end;
    return true;
  }

  bool float_number(size_t whole_end) {
    static constexpr std::string_view kDigits = "0123456789";
    size_t end = whole_end;
    if (char_at(end) == '.') {
      size_t fraction = digits_end(end + 1, kDigits);
      if (fraction > end + 1) end = fraction;
    }
    if ((char_at(end) | 0x20) == 'e') {
      size_t exponent = end + 1;
      if (char_at(exponent) == '+' || char_at(exponent) == '-') exponent++;
      size_t after = digits_end(exponent, kDigits);
      if (after > exponent) end = after;
    }
    if (end == whole_end) return false;
    std::string text = source_.substr(at_, end - at_);
    add(TokenKind::kFloat, text, Value::real(parse_float(text).value_or(0)));
    at_ = end;
    return true;
  }

  bool name() {
    size_t end = at_;
    while (end < source_.size()) {
      size_t next = end;
      char32_t c = next_code_point(source_, next);
      if (!(end == at_ ? is_identifier_start(c) : is_identifier_part(c))) break;
      end = next;
    }
    if (end == at_) return false;
    add(TokenKind::kName, source_.substr(at_, end - at_));
    at_ = end;
    return true;
  }

  bool string() {
    char mark = source_[at_];
    if (mark != '\'' && mark != '"') return false;
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != mark) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) return false;
    std::string_view inside = std::string_view(source_).substr(at_ + 1, end - at_ - 1);
    add(TokenKind::kString, unescape(inside, line_));
    move_to(end + 1);
    return true;
  }

  void sign() {
    auto found = std::find_if(kOperators.begin(), kOperators.end(),
                              [this](std::string_view sign) { return at(sign, at_); });
    if (found == kOperators.end()) {
      size_t end = at_;
      next_code_point(source_, end);
      syntax_error("unexpected char " + quote(std::string_view(source_).substr(at_, end - at_)) +
                       " at " + std::to_string(count_code_points(source_.substr(0, at_))),
                   line_);
    }
    balance(found->front());
    add(TokenKind::kOperator, std::string(*found));
    at_ += found->size();
  }

  // Inside of brackets a tag does not end.
  void balance(char sign) {
    static constexpr std::string_view kOpen = "([{";
    static constexpr std::string_view kClose = ")]}";
    if (size_t open = kOpen.find(sign); open != kOpen.npos) brackets_ += kClose[open];
    if (kClose.find(sign) == kClose.npos) return;
    std::string shown = "unexpected '" + std::string(1, sign) + "'";
    if (brackets_.empty()) syntax_error(shown, line_);
    if (brackets_.back() != sign) {
      syntax_error(shown + ", expected '" + std::string(1, brackets_.back()) + "'", line_);
    }
    brackets_.pop_back();
  }

  std::string source_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_starting_ = true;
  std::string brackets_;  // the closing ones that are due
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kData:
      return "template data / text";
    case TokenKind::kVariableBegin:
      return "begin of print statement";
    case TokenKind::kVariableEnd:
      return "end of print statement";
    case TokenKind::kBlockBegin:
      return "begin of statement block";
    case TokenKind::kBlockEnd:
      return "end of statement block";
    case TokenKind::kName:
    case TokenKind::kOperator:
      return token.text;
    case TokenKind::kString:
      return "string";
    case TokenKind::kInteger:
      return "integer";
    case TokenKind::kFloat:
      return "float";
    case TokenKind::kEnd:
      return "end of template";
  }
  return "";
}

}  // namespace mlxa::jinja
