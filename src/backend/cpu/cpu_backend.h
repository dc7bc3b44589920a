// The CPU back end: a table of functions over the host allocator and the thread pool.
#pragma once

#include <memory>

#include "array/backend.h"

namespace mlxa::cpu {

std::unique_ptr<Backend> make_cpu_backend();

}  // namespace mlxa::cpu
