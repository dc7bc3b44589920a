#include "backend/cpu/kernels/vector_dispatch.h"

namespace mlxa::cpu {

const VectorKernels& vector_kernels([[maybe_unused]] Isa isa) noexcept {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512 || isa == Isa::kAmx) return kAvx512Vector;
  if (isa == Isa::kAvx2) return kAvx2Vector;
#endif
  return kScalarVector;
}

}  // namespace mlxa::cpu
