// The kernel tables by instruction set.
#pragma once

#include "backend/cpu/kernels/matmul_kernels.h"
#include "base/cpu_features.h"

namespace mlxa::cpu {

/// The matrix products of an instruction set. The caller makes sure that the machine runs it
/// (isa_supported); a set that this build lacks gives the scalar table. Any thread.
const MatmulKernels& matmul_kernels(Isa isa) noexcept;

}  // namespace mlxa::cpu
