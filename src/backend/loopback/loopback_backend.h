// A device made of the host: MLXA_LOOPBACK=1 makes it the GPU.
#pragma once

#include <memory>

#include "array/backend.h"

namespace mlxa::loopback {

/// The CPU kernels as a device with memory of its own, which the host may not touch (its addresses
/// point to protected pages), and a thread of its own, which computes after eval has returned. What
/// works here makes no assumption that an accelerator would break.
std::unique_ptr<Backend> make_loopback_backend();

}  // namespace mlxa::loopback
