// The AVX2 table.
#include "backend/cpu/isa/avx2.h"

#include "backend/cpu/isa/avx2_vec.h"
#include "backend/cpu/isa/x86_quantize.h"
#include "backend/cpu/kernels/decode_fast.h"
#include "backend/cpu/kernels/prefill_fast.h"
#include "backend/cpu/kernels/prefill_float.h"

namespace mlxa::cpu {
namespace {

void quantize_rows(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                   const QuantizedMatrix& w, Family family, const Int8Rows& out) noexcept {
  const int unit = family == Family::kDecode ? Avx2::kUnit : 32;
  for (int64_t m = m_begin; m < m_end; ++m) quantize_row(x + m * k, k, w.bits, unit, out, m);
}

void qmm_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
              int64_t n_end, float* y, int64_t ldy, Family family, void* scratch) noexcept {
  if (family == Family::kDecode) return avx2::decode_fast(w, x, m, n_begin, n_end, y, ldy, scratch);
  avx2::prefill_fast(w, x, m, n_begin, n_end, y, ldy, scratch);
}

void qmm_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin, int64_t n_end,
               float* y, int64_t ldy, Family family, void* scratch) noexcept {
  if (family == Family::kDecode) return avx2::decode_exact(w, x, m, n_begin, n_end, y, ldy);
  avx2::prefill_exact(w, x, m, n_begin, n_end, y, ldy, scratch);
}

void dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
           int64_t n_end, float* y, int64_t ldy, Family family, void* scratch) noexcept {
  if (family == Family::kDecode) return avx2::decode_dense(w, x, ldx, m, n_begin, n_end, y, ldy);
  avx2::prefill_dense(w, x, ldx, m, n_begin, n_end, y, ldy, scratch);
}

size_t scratch_bytes(int64_t k) noexcept {
  const size_t sizes[] = {fast_decode_bytes(k), FastPanel<Avx2>::bytes(k), float_panel_bytes(k)};
  size_t most = 64;
  for (size_t bytes : sizes) most = bytes > most ? bytes : most;
  return most;
}

}  // namespace

constinit const MatmulKernels kAvx2Matmul = {quantize_rows, qmm_fast,      qmm_exact,
                                             dense,         scratch_bytes, avx2::dequantize};

}  // namespace mlxa::cpu
