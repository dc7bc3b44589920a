// Memory of devices that the host does not share.
#pragma once

#include <cstddef>

namespace mlxa {

/// A device's own memory: its addresses mean nothing to the host. Everything happens in the order
/// of the calls, and of the computations queued between them. Any thread may call.
class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  /// Uninitialized memory, or nullptr where there is no more.
  virtual void* allocate(size_t bytes) = 0;
  /// Zeros that take memory as they are first written, or nullptr.
  virtual void* reserve_zeros(size_t bytes) = 0;
  /// Gives memory of either kind back, once the work queued so far is done.
  virtual void release(void* data, size_t bytes) noexcept = 0;

  /// Host to device. Returns as soon as the host's bytes may change.
  virtual void upload(const void* host, void* device, size_t bytes) = 0;
  /// Device to host. Returns when the bytes are there.
  virtual void download(const void* device, void* host, size_t bytes) = 0;
};

}  // namespace mlxa
