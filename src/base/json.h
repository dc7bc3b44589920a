// JSON from untrusted text: nlohmann-json behind limits on size and depth.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace mlxa {

/// Nesting that any real file stays far below; a recursive destructor survives it.
inline constexpr int kMaxJsonDepth = 256;

/// Parses `text`. Throws Error kInvalidFile "[where] reason" for malformed or too deeply nested
/// text.
template <class Json = nlohmann::json>
Json parse_json(std::string_view text, const std::string& where);

}  // namespace mlxa
