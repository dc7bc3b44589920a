// The operators stand alone: where a compiler inlines them into other code, it takes them for a
// mismatch.
#include "heap_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

#ifndef MLXA_OTHER_OPERATORS  // a sanitizer that brings its own
namespace {
void* counted(void* memory) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (memory) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(size_t bytes) { return counted(std::malloc(bytes ? bytes : 1)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  const auto align = static_cast<size_t>(alignment);
  return counted(std::aligned_alloc(align, (bytes + align - 1) / align * align));
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(bytes ? bytes : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

namespace mlxa {

uint64_t heap_allocations() { return allocations.load(std::memory_order_relaxed); }

}  // namespace mlxa
