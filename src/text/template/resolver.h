// Names to slots, by the reference's scoping.
#pragma once

#include "text/template/ast.h"

namespace mlxa::jinja {

/// Gives every name of a parsed template its slot, every block its scope, every filter and test
/// its implementation. Throws kSyntax for unknown filters and tests, except inside of `if`, where
/// they fail when reached.
void resolve_names(Template& tree);

}  // namespace mlxa::jinja
