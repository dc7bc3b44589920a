#include "array/allocator.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include <sys/mman.h>

#include "mlxa/error.h"
#include "mlxa/memory.h"

#include "array/backend.h"
#include "array/device_memory.h"
#include "array/faults.h"
#include "base/limits.h"

namespace mlxa {
namespace {

size_t round_up(size_t bytes) {
  const size_t mask = CachingAllocator::kGranularity - 1;
  return (bytes + mask) & ~mask;
}

std::string size_text(size_t bytes) {
  if (bytes < (size_t{10} << 20)) return std::to_string((bytes + 1023) >> 10) + " KiB";
  return std::to_string((bytes + (1 << 19)) >> 20) + " MiB";
}

constexpr size_t kHugePage = size_t{2} << 20;

// Where in `base`, two huge pages larger, `size` bytes lie best. Reading much of them misses the
// address cache less in huge pages, but these are taken whole as they are first written. Storages
// of which as much is written, as those of a model's layers, therefore begin at different places of
// a page, so that their last pages are half empty on average and never all of them.
void* place_in_huge_pages(void* base, size_t size) {
  constexpr size_t kPhases = 16;
  static std::atomic<size_t> placed{0};
  const auto up = [](uintptr_t address) {
    return (address + kHugePage - 1) / kHugePage * kHugePage;
  };
  const uintptr_t data =
      up(reinterpret_cast<uintptr_t>(base)) + placed.fetch_add(1) % kPhases * (kHugePage / kPhases);
  const uintptr_t begin = up(data), end = (data + size) / kHugePage * kHugePage;
  // Refused where the system has none: then the pages are small.
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  return reinterpret_cast<void*>(data);
}

}  // namespace

Buffer::~Buffer() {
  delete mirror.load();
  if (deleter) deleter(data);
}

CachingAllocator::CachingAllocator(DeviceMemory* memory)
    : memory_(memory), limit_(memory_budget()), cache_limit_(limit_) {}

CachingAllocator::~CachingAllocator() { clear_cache(); }

std::shared_ptr<Buffer> CachingAllocator::allocate(size_t bytes) {
  faults::pass(faults::Point::kAllocation);
  if (bytes > SIZE_MAX / 2) throw std::bad_alloc();
  const size_t size = round_up(bytes == 0 ? 1 : bytes);
  void* data = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (size > limit_ || active_ > limit_ - size) {
      throw Error(ErrorCode::kOutOfMemory,
                  "[memory] " + size_text(size) + " wanted, " + size_text(active_) +
                      " in use, limit " + size_text(limit_),
                  "Use a smaller model or context, or raise MLXA_MEMORY_LIMIT.");
    }
    data = take_cached(size);
    if (!data && active_ + cached_ + size > limit_) trim_cache(limit_ - active_ - size);
    active_ += size;
    peak_ = std::max(peak_, active_);
  }
  if (!data) data = system_allocate(size);
  if (!data) {
    std::lock_guard lock(mutex_);
    active_ -= size;
    throw Error(
        ErrorCode::kOutOfMemory,
        "[memory] the system refused " + size_text(size) + ", " + size_text(active_) + " in use",
        "Close other programs, or use a smaller model or context.");
  }
  return std::make_shared<Buffer>(
      data, size, [this, size](void* p) { release(p, size); },
      /*reusable=*/true, memory_);
}

std::shared_ptr<Buffer> CachingAllocator::reserve_zeros(size_t bytes) {
  faults::pass(faults::Point::kAllocation);
  const size_t size = round_up(bytes == 0 ? 1 : bytes);
  void *data = nullptr, *base = nullptr;
  size_t room = 0;
  if (memory_) {
    data = memory_->reserve_zeros(size);
  } else if (size < SIZE_MAX / 2) {
    room = size + 2 * kHugePage;
    base = ::mmap(nullptr, room, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base != MAP_FAILED) data = place_in_huge_pages(base, size);
  }
  if (!data) {
    throw Error(ErrorCode::kOutOfMemory,
                "[memory] the system refused address space of " + size_text(size),
                "Ask for a smaller context.");
  }
  const auto free = [memory = memory_, size, base, room](void* p) {
    if (memory) {
      memory->release(p, size);
    } else {
      ::munmap(base, room);
    }
  };
  return std::make_shared<Buffer>(data, size, free, /*reusable=*/false, memory_);
}

void* CachingAllocator::system_allocate(size_t bytes) {
  return memory_ ? memory_->allocate(bytes) : std::aligned_alloc(kAlignment, bytes);
}

void CachingAllocator::system_free(void* data, size_t bytes) {
  if (memory_) {
    memory_->release(data, bytes);
  } else {
    std::free(data);
  }
}

void* CachingAllocator::take_cached(size_t bytes) {
  // Exact sizes only: a block goes back under the size it was asked for with.
  auto found = free_.find(bytes);
  if (found == free_.end()) return nullptr;
  void* data = found->second;
  cached_ -= found->first;
  free_.erase(found);
  return data;
}

void CachingAllocator::release(void* data, size_t bytes) {
  std::lock_guard lock(mutex_);
  active_ -= bytes;
  if (bytes > cache_limit_) {
    system_free(data, bytes);
    return;
  }
  trim_cache(cache_limit_ - bytes);
  free_.emplace(bytes, data);
  cached_ += bytes;
}

void CachingAllocator::trim_cache(size_t target) {
  while (cached_ > target) {
    auto largest = std::prev(free_.end());
    cached_ -= largest->first;
    system_free(largest->second, largest->first);
    free_.erase(largest);
  }
}

size_t CachingAllocator::active() const {
  std::lock_guard lock(mutex_);
  return active_;
}

size_t CachingAllocator::peak() const {
  std::lock_guard lock(mutex_);
  return peak_;
}

size_t CachingAllocator::cached() const {
  std::lock_guard lock(mutex_);
  return cached_;
}

void CachingAllocator::reset_peak() {
  std::lock_guard lock(mutex_);
  peak_ = active_;
}

size_t CachingAllocator::limit() const {
  std::lock_guard lock(mutex_);
  return limit_;
}

size_t CachingAllocator::set_limit(size_t limit) {
  std::lock_guard lock(mutex_);
  return std::exchange(limit_, limit);
}

size_t CachingAllocator::set_cache_limit(size_t limit) {
  std::lock_guard lock(mutex_);
  trim_cache(limit);
  return std::exchange(cache_limit_, limit);
}

void CachingAllocator::clear_cache() {
  std::lock_guard lock(mutex_);
  trim_cache(0);
}

CachingAllocator& host_allocator() {
  // Leaked on purpose: arrays in static storage may outlive any other order of destruction.
  static auto* allocator = new CachingAllocator();
  return *allocator;
}

namespace {

// The allocators of this process: the host's, and the GPU's where there is one.
template <class Use>
void each_allocator(Use use) {
  use(host_allocator());
  Backend* gpu = backend_for(Device::gpu);
  if (gpu && gpu->allocator().memory()) use(gpu->allocator());
}

size_t sum(size_t (CachingAllocator::*figure)() const) {
  size_t total = 0;
  each_allocator([&](CachingAllocator& allocator) { total += (allocator.*figure)(); });
  return total;
}

CachingAllocator& default_allocator() { return backend_for(default_device().type)->allocator(); }

}  // namespace

size_t get_active_memory() { return sum(&CachingAllocator::active); }
size_t get_peak_memory() { return sum(&CachingAllocator::peak); }
void reset_peak_memory() {
  each_allocator([](auto& allocator) { allocator.reset_peak(); });
}
size_t get_cache_memory() { return sum(&CachingAllocator::cached); }
size_t set_memory_limit(size_t limit) { return default_allocator().set_limit(limit); }
size_t get_memory_limit() { return default_allocator().limit(); }
size_t set_cache_limit(size_t limit) { return default_allocator().set_cache_limit(limit); }
void clear_cache() {
  each_allocator([](auto& allocator) { allocator.clear_cache(); });
}

}  // namespace mlxa
