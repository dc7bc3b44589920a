#include "backend/cpu/isa/avx512_e4m3.h"
#include "backend/cpu/isa/avx512_tiles.h"
#include "backend/cpu/isa/avx512_vec.h"
#include "backend/cpu/kernels/vector_matmul.h"

namespace mlxa::cpu {

constinit const MatmulKernels kAvx512Matmul = VectorMatmul<Avx512>::kTable;

constinit const MatmulKernels kAmxMatmul = [] {
  MatmulKernels table = VectorMatmul<Avx512>::kTable;
  table.tiles = &kAmxTiles;
  table.halves = &kHalfProducts;
  return table;
}();

}  // namespace mlxa::cpu
