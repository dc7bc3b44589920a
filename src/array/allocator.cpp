#include "array/allocator.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "mlxa/error.h"
#include "mlxa/memory.h"

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

}  // namespace

CachingAllocator::CachingAllocator() : limit_(memory_budget()), cache_limit_(limit_) {}

CachingAllocator::~CachingAllocator() { clear_cache(); }

std::shared_ptr<Buffer> CachingAllocator::allocate(size_t bytes) {
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
  if (!data) data = std::aligned_alloc(kAlignment, size);
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
      /*reusable=*/true);
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
    std::free(data);
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
    std::free(largest->second);
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

size_t get_active_memory() { return host_allocator().active(); }
size_t get_peak_memory() { return host_allocator().peak(); }
void reset_peak_memory() { host_allocator().reset_peak(); }
size_t get_cache_memory() { return host_allocator().cached(); }
size_t set_memory_limit(size_t limit) { return host_allocator().set_limit(limit); }
size_t get_memory_limit() { return host_allocator().limit(); }
size_t set_cache_limit(size_t limit) { return host_allocator().set_cache_limit(limit); }
void clear_cache() { host_allocator().clear_cache(); }

}  // namespace mlxa
