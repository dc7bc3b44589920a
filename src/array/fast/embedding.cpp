#include "array/fast/engine_ops.h"
#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

array embedding_q(const array& ids, const array& weight, const array& scales,
                  const std::optional<array>& biases, int group_size, int bits, QuantMode mode,
                  StreamOrDevice s) {
  constexpr const char* kOp = "embedding_q";
  check_indices(kOp, ids);
  const QuantParams params{group_size, bits, /*transpose=*/true, mode};
  Shape shape = ids.shape();
  shape.push_back(check_stored_matrices(kOp, weight, scales, biases, 2, params));
  std::vector<array> inputs = {ids, weight, scales};
  if (biases) inputs.push_back(*biases);
  return make_node<EmbeddingQ>(std::move(shape), float32, std::move(inputs), to_stream(s), params);
}

}  // namespace mlxa::fast
