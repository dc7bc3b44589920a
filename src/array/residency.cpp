#include "array/residency.h"

#include <mutex>
#include <stdexcept>

#include "array/device_memory.h"

namespace mlxa {
namespace {

// One lock for all copies: they are rare, and a copy must be queued before the work that reads it.
std::mutex mutex;
CopyCounts counts;

// Makes one side's bytes the latest. `to_device` says where they go.
void copy(DeviceMemory& memory, const void* from, void* to, size_t bytes, bool to_device) {
  if (to_device) {
    memory.upload(from, to, bytes);
    counts.uploads++;
    counts.uploaded_bytes += bytes;
  } else {
    memory.download(from, to, bytes);
    counts.downloads++;
    counts.downloaded_bytes += bytes;
  }
}

// The address on the side where the buffer was allocated.
void* home_address(Buffer& buffer, DeviceMemory* device, Access access) {
  Mirror* mirror = buffer.mirror.load(std::memory_order_relaxed);
  if (!mirror) return buffer.data;
  if (!mirror->home_current) {
    copy(*device, mirror->other->data, buffer.data, buffer.bytes, buffer.home != nullptr);
    mirror->home_current = true;
  }
  if (access == Access::kWrite) mirror->other_current = false;
  return buffer.data;
}

// The address on the other side, whose memory `allocator` gives.
void* mirror_address(Buffer& buffer, CachingAllocator& allocator, DeviceMemory* device,
                     Access access) {
  Mirror* mirror = buffer.mirror.load(std::memory_order_relaxed);
  if (!mirror) {
    mirror = new Mirror{allocator.allocate(buffer.bytes)};
    buffer.mirror.store(mirror, std::memory_order_release);
  }
  if (!mirror->other_current) {
    copy(*device, buffer.data, mirror->other->data, buffer.bytes, buffer.home == nullptr);
    mirror->other_current = true;
  }
  if (access == Access::kWrite) mirror->home_current = false;
  return mirror->other->data;
}

}  // namespace

void* host_address(Buffer& buffer, Access access) {
  if (!buffer.home && !buffer.mirror.load(std::memory_order_acquire)) return buffer.data;
  const std::lock_guard lock(mutex);
  if (buffer.home) return mirror_address(buffer, host_allocator(), buffer.home, access);
  Mirror* mirror = buffer.mirror.load(std::memory_order_relaxed);
  return home_address(buffer, mirror->other->home, access);
}

void* device_address(Buffer& buffer, CachingAllocator& device, Access access) {
  const std::lock_guard lock(mutex);
  DeviceMemory* memory = device.memory();
  if (buffer.home == memory) return home_address(buffer, memory, access);
  Mirror* mirror = buffer.mirror.load(std::memory_order_relaxed);
  if (buffer.home || (mirror && mirror->other->home != memory)) {
    throw std::logic_error("[array] an array moves between the host and one device only");
  }
  return mirror_address(buffer, device, memory, access);
}

CopyCounts copy_counts() {
  const std::lock_guard lock(mutex);
  return counts;
}

}  // namespace mlxa
