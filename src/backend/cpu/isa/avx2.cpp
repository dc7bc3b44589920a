#include "backend/cpu/isa/avx2_vec.h"
#include "backend/cpu/kernels/vector_matmul.h"

namespace mlxa::cpu {

constinit const MatmulKernels kAvx2Matmul = VectorMatmul<Avx2>::kTable;

}  // namespace mlxa::cpu
