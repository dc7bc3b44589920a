// Arrays that lie in files.
#pragma once

#include <memory>

#include "mlxa/array.h"

#include "base/mapped_file.h"

namespace mlxa::io {

/// The array whose values begin at `first` in `file`: the file's own memory, which it keeps alive.
/// Misaligned values are copied, and truth values, so that every byte of one is 0 or 1.
array file_array(const std::shared_ptr<const MappedFile>& file, const std::byte* first,
                 const Shape& shape, Dtype dtype);

}  // namespace mlxa::io
