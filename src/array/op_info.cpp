#include "array/fast/fallbacks.h"
#include "array/primitive.h"

namespace mlxa {

const OpInfo& op_info(OpKind kind) {
  static constexpr OpInfo kTable[] = {
#define MLXA_OP(name, params, run, fallback) {#name, RunKind::run, fallback},
#include "array/op_table.def"
#undef MLXA_OP
  };
  return kTable[static_cast<size_t>(kind)];
}

}  // namespace mlxa
