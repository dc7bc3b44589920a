// Attribute access and subscripts, by the rules of the reference's immutable sandbox.
#pragma once

#include <string>

#include "text/template/value.h"

namespace mlxa::jinja {

/// `object.name` (`name` is a str): an attribute or method, else the item of that name, else
/// undefined. Throws kUndefined if the object is undefined.
Value get_attribute(const Value& object, const Value& name);
/// `object[index]`: the item, else the attribute of that name, else undefined. Throws as above.
Value get_item(const Value& object, const Value& index);
/// `object[start:stop:step]`; missing bounds are left out. Throws kType, kValue, kUndefined.
Value get_slice(const Value& object, const Value& start, const Value& stop, const Value& step);
/// The attribute alone; missing if there is none.
Value find_attribute(const Value& object, const std::string& name);

/// The undefined value for a name that `object` lacks.
Value undefined_member(const Value& object, const Value& name);

/// Positions of a slice of `size` items: `count` of them from `start` to before `stop`, `step`
/// apart.
struct SliceRange {
  int64_t start, stop, step;
  size_t count;
};
SliceRange slice_range(size_t size, const Value& start, const Value& stop, const Value& step);

}  // namespace mlxa::jinja
