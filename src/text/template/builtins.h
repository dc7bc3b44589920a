// The global functions of templates.
#pragma once

#include <memory>
#include <string>

#include "text/template/value.h"

namespace mlxa::jinja {

/// The global function `name`; missing if there is none.
Value find_global(const std::string& name);

/// dict(...): a mapping or pairs, then names. Throws kType, kValue.
std::shared_ptr<Dict> build_dict(CallArgs&& args);

}  // namespace mlxa::jinja
