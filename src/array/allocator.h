// The caching allocator: counts what is live, keeps what was freed, and refuses above a limit.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "mlxa/array.h"

namespace mlxa {

/// Memory of arrays, shared by views of one another. Freed with the last array on it.
struct Buffer {
  Buffer(void* data, size_t bytes, Deleter deleter, bool reusable = false)
      : data(data), bytes(bytes), deleter(std::move(deleter)), reusable(reusable) {}
  ~Buffer() {
    if (deleter) deleter(data);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data;
  size_t bytes;
  Deleter deleter;
  bool reusable;  // the allocator's own: a result may overwrite it once nobody else sees it
};

/// Host memory aligned to 64 bytes. Sizes are rounded up (kGranularity), and a freed block serves a
/// later request of its size. Thread-safe.
class CachingAllocator {
 public:
  static constexpr size_t kAlignment = 64;
  static constexpr size_t kGranularity = 256;

  CachingAllocator();
  ~CachingAllocator();

  /// Throws Error kOutOfMemory, naming the sizes, when the limit would be passed; nothing changes.
  std::shared_ptr<Buffer> allocate(size_t bytes);

  size_t active() const;
  size_t peak() const;
  size_t cached() const;
  void reset_peak();
  size_t limit() const;
  size_t set_limit(size_t limit);
  size_t set_cache_limit(size_t limit);
  void clear_cache();

 private:
  void* take_cached(size_t bytes);  // mutex held
  void trim_cache(size_t target);   // mutex held
  void release(void* data, size_t bytes);

  mutable std::mutex mutex_;
  std::multimap<size_t, void*> free_;
  size_t active_ = 0, peak_ = 0, cached_ = 0, limit_, cache_limit_;
};

/// The allocator of host arrays.
CachingAllocator& host_allocator();

}  // namespace mlxa
