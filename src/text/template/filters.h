// The tables of filters and tests.
#pragma once

#include <string_view>
#include <vector>

#include "text/template/call.h"
#include "text/template/value.h"

namespace mlxa::jinja {

/// A filter. Its first parameter is the value it is applied to.
struct Filter {
  const char* name;
  Signature signature;
  Value (*body)(std::vector<Value>& arguments);   ///< Gets one value per parameter.
  Value (*open_body)(CallArgs&& args) = nullptr;  ///< Instead: gets the arguments as given.

  Value apply(CallArgs&& args) const;
};

/// A test. Its first parameter is the value it is applied to.
struct Test {
  const char* name;
  Signature signature;
  bool (*body)(const std::vector<Value>& arguments);

  bool apply(CallArgs&& args) const;
};

/// Null if there is none of that name.
const Filter* find_filter(std::string_view name);
const Test* find_test(std::string_view name);

/// The rows of the files that implement filters.
std::vector<Filter> text_filters();
std::vector<Filter> number_filters();
std::vector<Filter> sequence_filters();
std::vector<Filter> selection_filters();

/// Looks up a filter or test by a value a template gave. Throws kRuntime.
const Filter& require_filter(const Value& name);
const Test& require_test(const Value& name);

/// The path `attribute` of `item`: names and indices joined by dots, or one index. `missing`
/// replaces what is undefined on the way unless it is missing or none.
Value get_path(const Value& item, const Value& attribute, const Value& missing = {});
/// A generator: `start` runs when the first item is asked for, and returns what gives out the
/// items, false at the end. `depth`: levels of containers that it holds.
using Step = std::function<bool(Value& item)>;
Value generator(std::function<Step()> start, int depth);
/// Lower case of a string; other values as they are.
Value ignore_case(const Value& value);

}  // namespace mlxa::jinja
