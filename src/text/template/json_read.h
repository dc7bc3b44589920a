// JSON text to values.
#pragma once

#include <string_view>

#include "text/template/value.h"

namespace mlxa::jinja {

/// The value of a JSON document; objects keep their order. Throws kValue if it is malformed (with
/// the position), kLimit if it is nested deeper than kMaxValueDepth.
Value read_json(std::string_view text);

}  // namespace mlxa::jinja
