#include "io/file_array.h"

#include <cstdint>
#include <cstring>

namespace mlxa::io {

array file_array(const std::shared_ptr<const MappedFile>& file, const std::byte* first,
                 const Shape& shape, Dtype dtype) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(first) % dtype.size() == 0;
  if (aligned && dtype.val() != Dtype::Val::bool_) {
    // The deleter only holds the file. The memory is read-only and never marked reusable.
    return array(const_cast<std::byte*>(first), shape, dtype, [file](void*) {});
  }
  array copy = array::uninitialized(shape, dtype);
  if (copy.nbytes() == 0) return copy;
  auto* out = copy.data<std::byte>();
  std::memcpy(out, first, copy.nbytes());
  if (dtype.val() == Dtype::Val::bool_) {
    for (size_t i = 0; i < copy.nbytes(); i++) out[i] = std::byte{out[i] != std::byte{0}};
  }
  return copy;
}

}  // namespace mlxa::io
