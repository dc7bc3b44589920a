// Numbers as Python computes, reads and prints them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/template/value.h"

namespace mlxa::jinja {

std::string int_text(Int value);
/// In base 2, 8 or 16, lower case, without a prefix.
std::string int_text(Int value, int base);
/// The shortest text that reads back as `value`, in the form of Python's repr.
std::string float_text(double value);
/// snprintf's "%.*<type>" for a finite value, with `precision` capped at kMaxPrecision.
std::string fixed_text(double value, int precision, char type, bool alternate = false);

/// The value of a literal or of int(text, base): surrounding space, a sign, a prefix of the base
/// and single underscores are allowed. Nothing if malformed. Throws kLimit beyond 128 bits.
std::optional<Int> parse_int(std::string_view text, int base);
/// As float(text): also "inf" and "nan".
std::optional<double> parse_float(std::string_view text);

/// -1, 0 or 1; nothing if one is not a number. Exact between int and float.
std::optional<int> compare_numbers(const Value& a, const Value& b);

/// float(value) of a number.
double to_float(const Value& number);
/// int(value) of a float. Throws kValue for infinities and not-a-number, kLimit beyond 128 bits.
Int float_to_int(double value);

enum class Arithmetic { kAdd, kSub, kMul, kDiv, kFloorDiv, kMod, kPow };
/// Of two numbers. Throws kRuntime for a division by zero, kLimit beyond 128 bits.
Value arithmetic(Arithmetic operation, const Value& a, const Value& b);
Value negate(const Value& number);
/// round(value, digits): half to even, of the exact binary value.
Value round_number(const Value& number, int64_t digits);

}  // namespace mlxa::jinja
