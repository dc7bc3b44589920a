#include "backend/cpu/isa/avx512_half.h"

namespace mlxa::cpu {

constinit const HalfKernels kHalfProducts = {HalfDecode::round_rows, HalfDecode::multiply};

}  // namespace mlxa::cpu
