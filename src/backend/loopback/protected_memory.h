// Memory of the loopback device: addresses that fault when the host follows them.
#pragma once

#include <cstddef>

#include "array/device_memory.h"
#include "backend/loopback/device_thread.h"

namespace mlxa::loopback {

/// Every block is two runs of pages of equal length: the first holds the bytes and is the kernels'
/// alone, the second may not be touched and is what everybody else is given.
class ProtectedMemory final : public DeviceMemory {
 public:
  explicit ProtectedMemory(DeviceThread& thread) : thread_(thread) {}

  void* allocate(size_t bytes) override { return reserve_zeros(bytes); }
  void* reserve_zeros(size_t bytes) override;
  void release(void* data, size_t bytes) noexcept override;
  void upload(const void* host, void* device, size_t bytes) override;
  void download(const void* device, void* host, size_t bytes) override;

  /// Where the bytes of a block of this size are; nullptr stays nullptr.
  static void* kernel_address(void* device, size_t bytes);

 private:
  DeviceThread& thread_;
};

}  // namespace mlxa::loopback
