// Ops that move elements without looking at them see unsigned items of 1, 2, 4 or 8 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mlxa::cpu {

/// Calls fn with an unsigned value of `bytes` bytes.
template <class F>
void dispatch_item(size_t bytes, F&& fn) {
  switch (bytes) {
    case 1:
      return fn(uint8_t{});
    case 2:
      return fn(uint16_t{});
    case 4:
      return fn(uint32_t{});
    default:
      return fn(uint64_t{});
  }
}

}  // namespace mlxa::cpu
