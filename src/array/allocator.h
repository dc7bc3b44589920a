// The caching allocator: counts what is live, keeps what was freed, and refuses above a limit.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "mlxa/array.h"

namespace mlxa {

class DeviceMemory;
struct Mirror;

/// Memory of arrays, shared by views of one another. Freed with the last array on it.
struct Buffer {
  Buffer(void* data, size_t bytes, Deleter deleter, bool reusable = false,
         DeviceMemory* home = nullptr)
      : data(data), bytes(bytes), deleter(std::move(deleter)), reusable(reusable), home(home) {}
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data;
  size_t bytes;
  Deleter deleter;
  bool reusable;       // the allocator's own: a result may overwrite it once nobody else sees it
  DeviceMemory* home;  // whose addresses `data` is of; nullptr: the host's
  std::atomic<Mirror*> mirror = nullptr;  // owned; see residency.h
};

/// A buffer's copy on the other side, and which of the two are current.
struct Mirror {
  std::shared_ptr<Buffer> other;
  bool home_current = true, other_current = false;
};

/// Memory of the host, aligned to 64 bytes, or of a device. Sizes are rounded up (kGranularity),
/// and a freed block serves a later request of its size. Thread-safe.
class CachingAllocator {
 public:
  static constexpr size_t kAlignment = 64;
  static constexpr size_t kGranularity = 256;

  /// `memory` must outlive the allocator; nullptr: the host's.
  explicit CachingAllocator(DeviceMemory* memory = nullptr);
  ~CachingAllocator();

  DeviceMemory* memory() const { return memory_; }

  /// Throws Error kOutOfMemory, naming the sizes, when the limit would be passed; nothing changes.
  std::shared_ptr<Buffer> allocate(size_t bytes);

  /// Zeros that take memory as they are first written, so that more may be reserved than there is:
  /// the limit does not count them. Throws Error kOutOfMemory where the addresses are refused.
  std::shared_ptr<Buffer> reserve_zeros(size_t bytes);

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

  void* system_allocate(size_t bytes);
  void system_free(void* data, size_t bytes);

  DeviceMemory* const memory_;
  mutable std::mutex mutex_;
  std::multimap<size_t, void*> free_;
  size_t active_ = 0, peak_ = 0, cached_ = 0, limit_, cache_limit_;
};

/// The allocator of host arrays.
CachingAllocator& host_allocator();

}  // namespace mlxa
