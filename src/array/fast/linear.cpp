// Products with a stored weight, whose type need not be that of the activations.
#include "array/fast/engine_ops.h"
#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

namespace {

void check(const char* op, const array& x, const array& weight, int64_t weight_columns) {
  if (x.ndim() < 2 || weight.ndim() != 2 || x.shape(-1) != weight_columns) {
    invalid(op, "x " + text(x.shape()) + " and a weight of " + std::to_string(weight_columns) +
                    " columns, expected [..., M, K] and K columns");
  }
  if (!is_floating(x.dtype())) {
    invalid(op, "x of type " + text(x.dtype()) + ", expected a floating-point type");
  }
}

Shape product_shape(const array& x, const array& weight) {
  Shape shape = x.shape();
  shape.back() = weight.shape(0);
  return shape;
}

}  // namespace

array linear(const array& x, const array& weight, StreamOrDevice s) {
  check("linear", x, weight, weight.ndim() == 2 ? weight.shape(1) : -1);
  if (!is_floating(weight.dtype())) {
    invalid("linear", "a weight of type " + text(weight.dtype()) + ", expected floating point");
  }
  return make_node<Matmul>(product_shape(x, weight), x.dtype(), {x, transpose(weight, s)},
                           to_stream(s));
}

array linear_q(const array& x, const array& weight, const array& scales,
               const std::optional<array>& biases, int group_size, int bits, QuantMode mode,
               StreamOrDevice s) {
  constexpr const char* kOp = "linear_q";
  const QuantParams params{group_size, bits, /*transpose=*/true, mode};
  check(kOp, x, weight, check_stored_matrix(kOp, weight, scales, biases, params));
  std::vector<array> inputs = {x, weight, scales};
  if (biases) inputs.push_back(*biases);
  return make_node<QuantizedMatmul>(product_shape(x, weight), x.dtype(), std::move(inputs),
                                    to_stream(s), params);
}

}  // namespace mlxa::fast
