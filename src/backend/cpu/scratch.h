// Scratch memory of kernels: one growing block per thread, kept, so that a repeated step allocates
// nothing.
#pragma once

#include <cstddef>

namespace mlxa::cpu {

/// At least `bytes` of 64-byte aligned memory of this thread for slot `slot` (0 to 7), whose
/// contents are whatever was left there; valid until this thread asks for the slot again. Functions
/// that call each other use different slots. Throws Error kOutOfMemory.
void* scratch(int slot, size_t bytes);

template <class T>
T* scratch_of(int slot, size_t count) {
  return static_cast<T*>(scratch(slot, count * sizeof(T)));
}

}  // namespace mlxa::cpu
