#include "text/template/json_dump.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

class Dumper {
 public:
  explicit Dumper(const JsonStyle& style) : style_(style) {}

  std::string run(const Value& value) {
    dump(value);
    return std::move(out_);
  }

 private:
  void dump(const Value& value) {
    Budget::Level level;
    Budget::steps(1);
    if (out_.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
    switch (value.type()) {
      case Type::kStr:
        return dump_text(value.text());
      case Type::kArray:
        return dump_array(value.items());
      case Type::kDict:
        return dump_dict(value.as_dict());
      case Type::kNone:
      case Type::kBool:
      case Type::kInt:
      case Type::kFloat:
        out_ += scalar(value);
        return;
      default:
        type_error("Object of type " + type_name(value) + " is not JSON serializable");
    }
  }

  static std::string scalar(const Value& value) {
    if (value.is_none()) return "null";
    if (value.is(Type::kBool)) return value.as_bool() ? "true" : "false";
    if (!value.is(Type::kFloat)) return int_text(value.as_int());
    double real = value.as_float();
    if (std::isnan(real)) return "NaN";
    if (std::isinf(real)) return real < 0 ? "-Infinity" : "Infinity";
    return float_text(real);
  }

  void escape(char32_t unit) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(unit));
    out_ += buffer;
  }

  void dump_text(const std::string& text) {
    static constexpr std::string_view kControls = "\b\f\n\r\t\"\\";
    static constexpr std::string_view kLetters = "bfnrt\"\\";
    Budget::scan(text.size());
    out_ += '"';
    for (size_t offset = 0; offset < text.size();) {
      size_t start = offset;
      char32_t c = next_code_point(text, offset);
      size_t known = c < 0x80 ? kControls.find(static_cast<char>(c)) : kControls.npos;
      if (known != kControls.npos) {
        out_ += '\\';
        out_ += kLetters[known];
      } else if (c < 0x20 || (style_.ascii && c >= 0x7F && c < 0x10000 && c != 0x7F)) {
        escape(c);
      } else if (style_.ascii && c >= 0x10000) {
        escape(0xD800 + ((c - 0x10000) >> 10));
        escape(0xDC00 + ((c - 0x10000) & 0x3FF));
      } else {
        out_.append(text, start, offset - start);
      }
    }
    out_ += '"';
  }

  void new_line() {
    if (!style_.indent) return;
    out_ += '\n';
    for (int i = 0; i < depth_; i++) out_ += *style_.indent;
  }

  void dump_array(const std::vector<Value>& items) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    depth_++;
    bool first = true;
    for (const Value& item : items) {
      if (!first) out_ += style_.item_separator;
      first = false;
      new_line();
      dump(item);
    }
    depth_--;
    new_line();
    out_ += ']';
  }

  void dump_dict(const Dict& dict) {
    if (dict.entries.empty()) {
      out_ += "{}";
      return;
    }
    auto entries = dict.entries;
    if (style_.sort_keys) {
      std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return ordered(Order::kLess, a.first, b.first);
      });
    }
    out_ += '{';
    depth_++;
    bool first = true;
    for (const auto& [key, value] : entries) {
      if (!first) out_ += style_.item_separator;
      first = false;
      new_line();
      dump_key(key);
      out_ += style_.key_separator;
      dump(value);
    }
    depth_--;
    new_line();
    out_ += '}';
  }

  void dump_key(const Value& key) {
    if (key.is_str()) return dump_text(key.text());
    if (!key.is_none() && !key.is_number()) {
      type_error("keys must be str, int, float, bool or None, not " + type_name(key));
    }
    out_ += '"' + scalar(key) + '"';
  }

  const JsonStyle& style_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string dump_json(const Value& value, const JsonStyle& style) {
  return Dumper(style).run(value);
}

}  // namespace mlxa::jinja
