// Products of the decode family in float16, of mxfp8 weights.
#include "backend/cpu/isa/avx512_half.h"

namespace mlxa::cpu {
namespace {

void round_rows(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                const HalfRows& out) noexcept {
  for (int64_t m = m_begin; m < m_end; ++m) {
    round_half_row(x + m * k, k, out.values + m * HalfRows::padded(k), out.scales + m);
  }
}

void multiply(const QuantizedMatrix& w, const HalfRows& x, int64_t m, int64_t n_begin,
              int64_t n_end, float* y, int64_t ldy) noexcept {
  E4M3Decode<HalfStep>::run(w, x.values, HalfRows::padded(w.k), x.scales, m, n_begin, n_end, y,
                            ldy);
}

}  // namespace

constinit const HalfKernels kHalfProducts = {round_rows, multiply};

}  // namespace mlxa::cpu
