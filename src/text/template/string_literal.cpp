// The escapes of string literals.
#include <cstdio>

#include "text/template/lexer.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

[[noreturn]] void syntax_error(std::string message, int line) {
  throw Failure(FailureKind::kSyntax, std::move(message), line);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower_case = static_cast<char>(c | 0x20);
  return lower_case >= 'a' && lower_case <= 'f' ? lower_case - 'a' + 10 : -1;
}

// Python's escapes in the inside of a string literal.
class Unescape {
 public:
  Unescape(std::string_view text, int line) : text_(text), line_(line) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
        out_ += text_[at_++];
      } else {
        at_++;
        escape();
      }
    }
    return std::move(out_);
  }

 private:
  void escape() {
    static constexpr std::string_view kLetters = "\\'\"abfnrtv";
    static constexpr std::string_view kValues = "\\'\"\a\b\f\n\r\t\v";
    char c = text_[at_];
    if (static_cast<unsigned char>(c) >= 0x80) return escaped_character();
    at_++;
    if (c == '\n') return;
    if (size_t known = kLetters.find(c); known != kLetters.npos) {
      out_ += kValues[known];
    } else if (c == 'x') {
      append(hex(2, "truncated \\xXX escape"));
    } else if (c == 'u') {
      append(hex(4, "truncated \\uXXXX escape"));
    } else if (c == 'U') {
      append(hex(8, "truncated \\UXXXXXXXX escape"));
    } else if (c == 'N') {
      syntax_error("character names in strings (\\N) are not supported", line_);
    } else if (c >= '0' && c <= '7') {
      char32_t code = static_cast<char32_t>(c - '0');
      for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7'; i++) {
        code = code * 8 + static_cast<char32_t>(text_[at_++] - '0');
      }
      append(code);
    } else {
      out_ += '\\';
      out_ += c;
    }
  }

  // The reference turns characters beyond ASCII into escapes before it reads escapes, so that a
  // backslash before one leaves the escape's letters.
  void escaped_character() {
    char32_t c = next_code_point(text_, at_);
    const char* format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, format, static_cast<unsigned>(c));
    out_ += buffer;
  }

  char32_t hex(size_t digits, const char* complaint) {
    char32_t code = 0;
    for (size_t i = 0; i < digits; i++) {
      int digit = at_ < text_.size() ? hex_digit(text_[at_]) : -1;
      if (digit < 0) syntax_error(complaint, line_);
      code = code * 16 + static_cast<char32_t>(digit);
      at_++;
    }
    return code;
  }

  void append(char32_t code) {
    if (code > 0x10FFFF) syntax_error("illegal Unicode character", line_);
    if (code >= 0xD800 && code < 0xE000) {
      syntax_error("surrogates in strings are not supported", line_);
    }
    append_utf8(out_, code);
  }

  std::string_view text_;
  int line_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string unescape(std::string_view text, int line) { return Unescape(text, line).run(); }

}  // namespace mlxa::jinja
