// The vector kernels by instruction set.
#pragma once

#include "backend/cpu/kernels/vector_kernels.h"
#include "base/cpu_features.h"

namespace mlxa::cpu {

/// The caller makes sure that the machine runs the set (isa_supported); a set that this build lacks
/// gives the scalar table. Any thread.
const VectorKernels& vector_kernels(Isa isa) noexcept;

}  // namespace mlxa::cpu
