// Values to JSON text, as Python's json.dumps writes it.
#pragma once

#include <optional>
#include <string>

#include "text/template/value.h"

namespace mlxa::jinja {

struct JsonStyle {
  bool ascii = false;                 ///< Escape everything beyond ASCII.
  std::optional<std::string> indent;  ///< One level; nothing: all on one line.
  std::string item_separator = ", ";
  std::string key_separator = ": ";
  bool sort_keys = false;
};

/// Throws kType for values that JSON does not have, kLimit beyond kMaxStringBytes.
std::string dump_json(const Value& value, const JsonStyle& style);

}  // namespace mlxa::jinja
