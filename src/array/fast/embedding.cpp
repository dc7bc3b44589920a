#include "array/fast/engine_ops.h"
#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

array embedding_q(const array& ids, const array& weight, const array& scales, const array& biases,
                  int group_size, int bits, StreamOrDevice s) {
  constexpr const char* kOp = "embedding_q";
  check_indices(kOp, ids);
  if (group_size != 32 && group_size != 64 && group_size != 128) {
    invalid(kOp, "group size " + std::to_string(group_size) + ", expected 32, 64 or 128");
  }
  if (bits < 2 || bits > 8 || bits == 7) {
    invalid(kOp, std::to_string(bits) + " bits, expected 2, 3, 4, 5, 6 or 8");
  }
  const bool matrices = weight.ndim() == 2 && scales.ndim() == 2;
  if (!matrices || weight.dtype() != uint32 || !is_floating(scales.dtype()) ||
      scales.dtype() != biases.dtype() || scales.shape() != biases.shape() ||
      scales.shape(0) != weight.shape(0) ||
      int64_t{weight.shape(1)} * 32 != int64_t{scales.shape(1)} * group_size * bits) {
    invalid(kOp, "a matrix " + text(weight.shape()) + " with scales " + text(scales.shape()) +
                     " and biases " + text(biases.shape()) + ", expected groups of " +
                     std::to_string(group_size) + " with " + std::to_string(bits) + " bits");
  }
  Shape shape = ids.shape();
  shape.push_back(dimension(kOp, int64_t{scales.shape(1)} * group_size));
  return make_node<EmbeddingQ>(std::move(shape), scales.dtype(), {ids, weight, scales, biases},
                               to_stream(s), {group_size, bits, true});
}

}  // namespace mlxa::fast
