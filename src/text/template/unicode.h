// Code points of UTF-8 text, and Python's character classes and case mappings on them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mlxa::jinja {

/// True for well-formed UTF-8 (no surrogates, no overlong forms).
bool valid_utf8(std::string_view text);
/// Replaces every ill-formed byte by U+FFFD.
std::string repair_utf8(std::string_view text);

/// The functions below expect well-formed UTF-8.

size_t count_code_points(std::string_view text);
/// The code point at byte `offset`, which moves past it.
char32_t next_code_point(std::string_view text, size_t& offset);
void append_utf8(std::string& text, char32_t code_point);
std::u32string to_utf32(std::string_view text);
std::string to_utf8(std::u32string_view text);
/// Byte offset of code point `index`; the size if there are fewer.
size_t byte_offset(std::string_view text, size_t index);

bool is_space(char32_t c);
bool is_alpha(char32_t c);
bool is_decimal(char32_t c);
bool is_digit(char32_t c);
bool is_numeric(char32_t c);
bool is_alnum(char32_t c);
bool is_lower(char32_t c);
bool is_upper(char32_t c);
bool is_title(char32_t c);
bool is_printable(char32_t c);
bool is_identifier_start(char32_t c);
bool is_identifier_part(char32_t c);
/// A line boundary of str.splitlines.
bool is_line_break(char32_t c);

/// str.upper and so on: full mappings, final sigma included.
std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string title(std::string_view text);
std::string capitalize(std::string_view text);
std::string swap_case(std::string_view text);
std::string case_fold(std::string_view text);

/// Without white space at the ends.
std::string_view strip_space(std::string_view text);
std::string_view strip_space_left(std::string_view text);
std::string_view strip_space_right(std::string_view text);

}  // namespace mlxa::jinja
