#include "backend/cpu/isa/avx2.h"
#include "backend/cpu/isa/avx2_vec.h"
#include "backend/cpu/kernels/decode_fast.h"
#include "backend/cpu/kernels/widths.h"

namespace mlxa::cpu {
namespace {

template <class V, int kBits>
using FastDecode32 = FastDecode<V, kBits, 32>;
template <class V, int kBits>
using FastDecode64 = FastDecode<V, kBits, 64>;

}  // namespace

namespace avx2 {

void decode_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                 int64_t n_end, float* y, int64_t ldy, void* scratch) {
  if (x.group == 32) {
    run_for_bits<FastDecode32, Avx2>(w.bits, w, x, m, n_begin, n_end, y, ldy, scratch);
  } else {
    run_for_bits<FastDecode64, Avx2>(w.bits, w, x, m, n_begin, n_end, y, ldy, scratch);
  }
}

}  // namespace avx2
}  // namespace mlxa::cpu
