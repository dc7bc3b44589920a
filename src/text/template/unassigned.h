// Names that a block reads without having assigned them.
#pragma once

#include <set>
#include <string>

#include "text/template/ast.h"

namespace mlxa::jinja {

/// Those of `names` that `body` reads before it, or anything inside, has assigned them.
std::set<std::string> unassigned_names(const Body& body, std::set<std::string> names);

}  // namespace mlxa::jinja
