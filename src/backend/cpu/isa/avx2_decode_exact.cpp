#include "backend/cpu/isa/avx2.h"
#include "backend/cpu/isa/avx2_vec.h"
#include "backend/cpu/kernels/decode_exact.h"
#include "backend/cpu/kernels/widths.h"

namespace mlxa::cpu::avx2 {

void decode_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy) {
  run_for_bits<ExactDecode, Avx2>(w.bits, w, x, m, n_begin, n_end, y, ldy);
}

void decode_dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy) {
  DenseDecode<Avx2>::run(w, x, ldx, m, n_begin, n_end, y, ldy);
}

void dequantize(const QuantizedMatrix& w, int64_t n_begin, int64_t n_end, float* out) noexcept {
  run_for_bits<Dequantize, Avx2>(w.bits, w, n_begin, n_end, out);
}

}  // namespace mlxa::cpu::avx2
