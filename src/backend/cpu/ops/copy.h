// Copies between strided places.
#pragma once

#include "mlxa/array.h"

namespace mlxa::cpu {

/// Copies `shape` elements of `item_bytes` bytes each; strides in elements. The places do not
/// overlap. A source stride of 0 fills.
void copy_strided(size_t item_bytes, const Shape& shape, const void* source,
                  const int64_t* source_strides, void* target, const int64_t* target_strides);

/// Copies the elements of `in`, in C order, to contiguous memory.
void copy_to_contiguous(const array& in, void* target);

}  // namespace mlxa::cpu
