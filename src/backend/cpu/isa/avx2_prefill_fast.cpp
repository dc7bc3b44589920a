#include "backend/cpu/isa/avx2.h"
#include "backend/cpu/isa/avx2_vec.h"
#include "backend/cpu/kernels/prefill_fast.h"
#include "backend/cpu/kernels/widths.h"

namespace mlxa::cpu::avx2 {

void prefill_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
  run_for_bits<FastPrefill, Avx2>(w.bits, w, x, m, n_begin, n_end, y, ldy, scratch);
}

}  // namespace mlxa::cpu::avx2
