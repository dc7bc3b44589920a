// Python's three ways to format: the % operator, str.format and format().
#pragma once

#include <string>
#include <string_view>

#include "text/template/value.h"

namespace mlxa::jinja {

/// What one formatted value is charged.
inline constexpr uint64_t kStepsPerField = 8;

/// `format % arguments`; `format` is a str.
Value percent_format(const Value& format, const Value& arguments);
/// format.format(...), looking members up as the sandbox does.
Value str_format(const Value& format, const CallArgs& args);
Value str_format_map(const Value& format, const Value& mapping);
/// format(value, specification).
std::string format_value(const Value& value, std::string_view specification);

/// A number's text in three parts, so that padding can go between.
struct NumberText {
  std::string sign, prefix, digits;
  size_t whole = 0;  ///< Length of the digits before a point, an exponent or a percent sign.
};
/// The text of a finite or infinite float. `type` is one of eEfFgG; 0: as repr, with a precision
/// where that is not negative.
NumberText float_parts(double value, char type, int precision, bool alternate);
/// The text of an integer. `type` is one of doxXb; `alternate` adds the prefix.
NumberText int_parts(Int value, char type, bool alternate);

}  // namespace mlxa::jinja
