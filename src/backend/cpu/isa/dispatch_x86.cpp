// Dispatch on x86-64.
#include "backend/cpu/kernels/dispatch.h"

namespace mlxa::cpu {

const MatmulKernels& matmul_kernels(Isa isa) noexcept {
  return isa == Isa::kAvx2 ? kAvx2Matmul : kScalarMatmul;
}

}  // namespace mlxa::cpu
