// Dispatch on x86-64.
#include "backend/cpu/kernels/dispatch.h"

namespace mlxa::cpu {

const MatmulKernels& matmul_kernels(Isa) noexcept { return kScalarMatmul; }

}  // namespace mlxa::cpu
