// repr, and the escapes of text.
#include <cstdio>

#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

void append_repr(std::string& out, const Value& value);

void append_items(std::string& out, const std::vector<Value>& items) {
  for (size_t i = 0; i < items.size(); i++) {
    if (i > 0) out += ", ";
    append_repr(out, items[i]);
  }
}

void append_dict(std::string& out, const Dict& dict) {
  out += '{';
  bool first = true;
  for (const auto& [key, item] : dict.entries) {
    if (!first) out += ", ";
    first = false;
    append_repr(out, key);
    out += ": ";
    append_repr(out, item);
  }
  out += '}';
}

void append_repr(std::string& out, const Value& value) {
  Budget::Level level;
  Budget::steps(1);
  if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
  switch (value.type()) {
    case Type::kUndefined:
      out += "Undefined";
      break;
    case Type::kStr: {
      std::string quoted = quote(value.text());
      out += value.as_str().markup ? "Markup(" + quoted + ")" : quoted;
      break;
    }
    case Type::kArray:
      out += value.is_list() ? '[' : '(';
      append_items(out, value.items());
      if (value.is_tuple() && value.items().size() == 1) out += ',';
      out += value.is_list() ? ']' : ')';
      break;
    case Type::kDict:
      append_dict(out, value.as_dict());
      break;
    case Type::kObject:
      out += value.as_object().repr();
      break;
    default:
      out += to_text(value);
  }
}

}  // namespace

std::string repr(const Value& value) {
  std::string out;
  append_repr(out, value);
  return out;
}

std::string quote(std::string_view text) {
  Budget::steps(text.size());
  char mark = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  std::string out(1, mark);
  for (size_t offset = 0; offset < text.size();) {
    size_t start = offset;
    char32_t c = next_code_point(text, offset);
    char buffer[16];
    if (c == static_cast<unsigned char>(mark) || c == U'\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == U'\n') {
      out += "\\n";
    } else if (c == U'\r') {
      out += "\\r";
    } else if (c == U'\t') {
      out += "\\t";
    } else if (is_printable(c)) {
      out += text.substr(start, offset - start);
    } else {
      const char* format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
      std::snprintf(buffer, sizeof buffer, format, static_cast<unsigned>(c));
      out += buffer;
    }
  }
  return out + mark;
}

std::string escape_html(std::string_view text) {
  Budget::scan(text.size());
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escape_html(const Value& value) {
  if (value.is_str() && value.as_str().markup) return value.text();
  return escape_html(std::string_view(to_text(value)));
}

}  // namespace mlxa::jinja
