// The tiles of AMX, by format.
#include "backend/cpu/isa/amx_tiles.h"

namespace mlxa::cpu {
namespace {

// Widths other than these do nothing.
template <template <class> class Kernel, class... Arguments>
void run(const QuantizedMatrix& w, const Arguments&... arguments) {
  if (w.format == WeightFormat::kMxfp4) return Kernel<E2M1Tiles<false>>::run(w, arguments...);
  if (w.format == WeightFormat::kNvfp4) return Kernel<E2M1Tiles<true>>::run(w, arguments...);
  if (w.format == WeightFormat::kMxfp8) return Kernel<E4M3Tiles>::run(w, arguments...);
  switch (w.bits) {
    case 2:
      return Kernel<AffineTiles<2>>::run(w, arguments...);
    case 3:
      return Kernel<AffineTiles<3>>::run(w, arguments...);
    case 4:
      return Kernel<AffineTiles<4>>::run(w, arguments...);
    case 5:
      return Kernel<AffineTiles<5>>::run(w, arguments...);
    case 6:
      return Kernel<AffineTiles<6>>::run(w, arguments...);
    case 8:
      return Kernel<AffineTiles<8>>::run(w, arguments...);
  }
}

void round_rows(const float* x, int64_t k, int64_t m_begin, int64_t m_end, const QuantizedMatrix& w,
                const BFloat16Rows& out) noexcept {
  for (int64_t m = m_begin; m < m_end; ++m) run<TileRounding>(w, x + m * k, m, out);
}

void multiply(const QuantizedMatrix& w, const BFloat16Rows& x, int64_t m, int64_t n_begin,
              int64_t n_end, float* y, int64_t ldy, void* scratch) noexcept {
  run<TileProducts>(w, x, m, n_begin, n_end, y, ldy, scratch);
}

}  // namespace

constinit const TileKernels kAmxTiles = {round_rows, multiply, sizeof(TilePanel)};

}  // namespace mlxa::cpu
