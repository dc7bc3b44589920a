// Conversion between dtypes.
#pragma once

#include "backend/cpu/ops/unary.h"

namespace mlxa::cpu {

/// The inner loop that converts one dtype to another.
UnaryRun cast_run(const Dtype& from, const Dtype& to);

/// Converts all of `in` into row-contiguous `out` of the same shape.
void cast_elements(const array& in, array& out);

}  // namespace mlxa::cpu
