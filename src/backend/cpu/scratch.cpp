#include "backend/cpu/scratch.h"

#include <memory>

#include "array/allocator.h"

namespace mlxa::cpu {

void* scratch(int slot, size_t bytes) {
  constexpr int kSlots = 8;
  thread_local std::shared_ptr<Buffer> blocks[kSlots];
  std::shared_ptr<Buffer>& block = blocks[slot];
  if (!block || block->bytes < bytes) {
    block.reset();
    block = host_allocator().allocate(bytes);
  }
  return block->data;
}

}  // namespace mlxa::cpu
