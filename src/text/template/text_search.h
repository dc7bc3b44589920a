// Searching and cutting of strings, shared by methods and filters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/template/value.h"

namespace mlxa::jinja {

/// Byte offset of `needle` at or after `from`, npos if it is not there. Takes linear time, unlike
/// std::string::find, and charges it.
size_t find_text(std::string_view text, std::string_view needle, size_t from = 0);
/// Byte offset of the last `needle`.
size_t rfind_text(std::string_view text, std::string_view needle);
/// str.replace; a negative `count` replaces all.
std::string replace_text(std::string_view text, std::string_view from, std::string_view to,
                         int64_t count);
/// str.split and str.rsplit; an empty `separator` means white space. Pieces are in order. Throw
/// kLimit beyond kMaxItems pieces.
std::vector<std::string> split_text(std::string_view text, std::string_view separator,
                                    int64_t limit);
std::vector<std::string> rsplit_text(std::string_view text, std::string_view separator,
                                     int64_t limit);
std::vector<std::string> split_lines(std::string_view text, bool keep_ends);

/// Without the characters of `characters` (white space if missing or none) at the chosen ends.
std::string strip_text(const Value& text, const Value& characters, bool left, bool right);
/// str.center with `fill` (one character).
std::string center_text(const Str& text, int64_t width, std::string_view fill);

}  // namespace mlxa::jinja
