#include "backend/loopback/protected_memory.h"

#include <cstring>
#include <memory>

#include <sys/mman.h>
#include <unistd.h>

namespace mlxa::loopback {
namespace {

// Bytes of one of a block's two runs of pages.
size_t run_bytes(size_t bytes) {
  static const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

}  // namespace

void* ProtectedMemory::reserve_zeros(size_t bytes) {
  const size_t run = run_bytes(bytes);
  void* pages =
      ::mmap(nullptr, 2 * run, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  if (::mprotect(pages, run, PROT_READ | PROT_WRITE) != 0) {
    ::munmap(pages, 2 * run);
    return nullptr;
  }
  return static_cast<std::byte*>(pages) + run;
}

void ProtectedMemory::release(void* data, size_t bytes) noexcept {
  thread_.wait();
  ::munmap(kernel_address(data, bytes), 2 * run_bytes(bytes));
}

void ProtectedMemory::upload(const void* host, void* device, size_t bytes) {
  const std::shared_ptr<std::byte[]> staged(new std::byte[bytes]);
  std::memcpy(staged.get(), host, bytes);
  thread_.enqueue([=] { std::memcpy(kernel_address(device, bytes), staged.get(), bytes); });
}

void ProtectedMemory::download(const void* device, void* host, size_t bytes) {
  thread_.wait();
  std::memcpy(host, kernel_address(const_cast<void*>(device), bytes), bytes);
}

void* ProtectedMemory::kernel_address(void* device, size_t bytes) {
  return static_cast<std::byte*>(device) - run_bytes(bytes);
}

}  // namespace mlxa::loopback
