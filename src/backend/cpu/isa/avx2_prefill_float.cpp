#include "backend/cpu/isa/avx2.h"
#include "backend/cpu/isa/avx2_vec.h"
#include "backend/cpu/kernels/prefill_float.h"
#include "backend/cpu/kernels/widths.h"

namespace mlxa::cpu::avx2 {

void prefill_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy, void* scratch) {
  run_for_bits<ExactPrefill, Avx2>(w.bits, w, x, m, n_begin, n_end, y, ldy, scratch);
}

void prefill_dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy, void* scratch) {
  DensePrefill<Avx2>::run(w, x, ldx, m, n_begin, n_end, y, ldy, scratch);
}

}  // namespace mlxa::cpu::avx2
