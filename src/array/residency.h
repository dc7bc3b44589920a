// Where a buffer's bytes are. A buffer belongs to the host or to a device; the other side sees it
// through a copy, made when it first asks, kept with the buffer, and refreshed when stale.
#pragma once

#include <cstddef>
#include <cstdint>

#include "array/allocator.h"

namespace mlxa {

enum class Access : uint8_t { kRead, kWrite };

/// The buffer's bytes for the host. Waits for the device that wrote them last; kWrite makes the
/// device's copy stale. Thread-safe for readers; a writer must be alone, as with any memory.
void* host_address(Buffer& buffer, Access access);

/// The buffer's bytes for the device whose allocator this is, by the device's own addresses. Waits
/// for nothing: copies are ordered with the device's work.
void* device_address(Buffer& buffer, CachingAllocator& device, Access access);

/// Copies between host and devices since the process began.
struct CopyCounts {
  uint64_t uploads = 0, downloads = 0;  ///< host to device, device to host
  uint64_t uploaded_bytes = 0, downloaded_bytes = 0;
};
CopyCounts copy_counts();

}  // namespace mlxa
