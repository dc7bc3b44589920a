// Calls a template of (bits) or (bits, activation group) with a matrix's own.
#pragma once

#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {

/// Kernel<V, bits>::run(arguments...). Widths other than 2, 3, 4, 5, 6, 8 do nothing.
template <template <class, int> class Kernel, class V, class... Arguments>
void run_for_bits(int bits, Arguments... arguments) {
  switch (bits) {
    case 2:
      return Kernel<V, 2>::run(arguments...);
    case 3:
      return Kernel<V, 3>::run(arguments...);
    case 4:
      return Kernel<V, 4>::run(arguments...);
    case 5:
      return Kernel<V, 5>::run(arguments...);
    case 6:
      return Kernel<V, 6>::run(arguments...);
    case 8:
      return Kernel<V, 8>::run(arguments...);
  }
}

}  // namespace mlxa::cpu
