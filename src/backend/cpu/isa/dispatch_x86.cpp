// Dispatch on x86-64.
#include "backend/cpu/kernels/dispatch.h"

namespace mlxa::cpu {

const MatmulKernels& matmul_kernels(Isa isa) noexcept {
  switch (isa) {
    case Isa::kScalar:
      return kScalarMatmul;
    case Isa::kAvx2:
      return kAvx2Matmul;
    case Isa::kAvx512:
      return kAvx512Matmul;
    case Isa::kAmx:
      return kAmxMatmul;
  }
  return kScalarMatmul;
}

}  // namespace mlxa::cpu
