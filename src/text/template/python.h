// Python's operations on values: truth, text, comparison, iteration, operators.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/template/numbers.h"
#include "text/template/value.h"

namespace mlxa::jinja {

/// type(value).__name__.
std::string type_name(const Value& value);
bool truth(const Value& value);

/// str(value).
std::string to_text(const Value& value);
/// repr(value). Throws kLimit if it is too long or nested too deeply.
std::string repr(const Value& value);
/// repr of a string.
std::string quote(std::string_view text);
/// A string stays itself, its mark included; anything else becomes its text.
Value soft_string(const Value& value);
/// Replaces & < > ' " by HTML entities.
std::string escape_html(std::string_view text);
/// escape(value): the text, escaped unless it is marked.
std::string escape_html(const Value& value);

bool equal(const Value& a, const Value& b);
enum class Order { kLess, kLessEqual, kGreater, kGreaterEqual };
/// a < b and so on. Throws kType for types without an order, kUndefined for undefined values.
bool ordered(Order order, const Value& a, const Value& b);
/// `item in container`.
bool contains(const Value& item, const Value& container);

/// len(value); nothing if the type has none.
std::optional<size_t> try_length(const Value& value);
/// len(value). Throws kType.
size_t length(const Value& value);
/// iter(value); null if the type is not iterable.
std::shared_ptr<Iterator> try_iterate(const Value& value);
/// iter(value). Throws kType.
std::shared_ptr<Iterator> iterate(const Value& value);
/// reversed(value); null if the type does not support it.
std::shared_ptr<Iterator> try_reverse(const Value& value);
/// list(value).
std::vector<Value> to_vector(const Value& value);
std::shared_ptr<Iterator> iterate_items(std::vector<Value> items);

/// The failure of doing something with an undefined value.
[[noreturn]] void undefined_failure(const Value& undefined);
/// The value as an index: an int or a bool. Throws kType, kUndefined.
Int to_index(const Value& value);
/// The same, clamped to the range of int64_t.
int64_t to_clamped_index(const Value& value);
/// The text of a str. Throws kType naming `what` for anything else.
const std::string& require_text(const Value& value, const char* what);

/// a + b, a * b and so on.
Value binary(Arithmetic operation, const Value& a, const Value& b);
Value unary_minus(const Value& value);
Value unary_plus(const Value& value);

}  // namespace mlxa::jinja
