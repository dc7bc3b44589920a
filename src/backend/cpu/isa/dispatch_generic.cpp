// Dispatch on machines other than x86-64: plain C++ only.
#include "backend/cpu/kernels/dispatch.h"

namespace mlxa::cpu {

const MatmulKernels& matmul_kernels(Isa) noexcept { return kScalarMatmul; }

}  // namespace mlxa::cpu
