// Products with a stored weight, whose type need not be that of the activations.
#include "array/fast/engine_ops.h"
#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

namespace {

void check(const char* op, const array& x, const array& weight, size_t axes,
           int64_t weight_columns) {
  if (x.ndim() < 2 || weight.ndim() != axes || x.shape(-1) != weight_columns) {
    invalid(op, "x " + text(x.shape()) + " and a weight of " + std::to_string(weight.ndim()) +
                    " axes and " + std::to_string(weight_columns) +
                    " columns, expected [..., M, K], " + std::to_string(axes) +
                    " axes and K columns");
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

void check_dense(const char* op, const array& x, const array& weight, size_t axes) {
  check(op, x, weight, axes, weight.ndim() == axes ? weight.shape(-1) : -1);
  if (!is_floating(weight.dtype())) {
    invalid(op, "a weight of type " + text(weight.dtype()) + ", expected floating point");
  }
}

// Indices of x's matrices and of the weight's, of one shape, behind it the product's.
struct Chosen {
  array x, weight;
  Shape shape;

  Chosen(const char* op, const array& source, const array& matrices, const array& indices,
         StreamOrDevice s)
      : Chosen(matrix_indices(op, source, matrices, std::nullopt, indices, s)) {
    shape.insert(shape.end(), {source.shape(-2), matrices.shape(-2)});
  }

 private:
  explicit Chosen(const std::pair<array, array>& both)
      : x(both.first), weight(both.second), shape(both.first.shape()) {}
};

}  // namespace

array linear(const array& x, const array& weight, StreamOrDevice s) {
  check_dense("linear", x, weight, 2);
  return make_node<Matmul>(product_shape(x, weight), x.dtype(), {x, transpose(weight, s)},
                           to_stream(s));
}

array linear_q(const array& x, const array& weight, const array& scales,
               const std::optional<array>& biases, int group_size, int bits, QuantMode mode,
               StreamOrDevice s) {
  constexpr const char* kOp = "linear_q";
  const QuantParams params{group_size, bits, /*transpose=*/true, mode};
  check(kOp, x, weight, 2, check_stored_matrices(kOp, weight, scales, biases, 2, params));
  std::vector<array> inputs = {x, weight, scales};
  if (biases) inputs.push_back(*biases);
  return make_node<QuantizedMatmul>(product_shape(x, weight), x.dtype(), std::move(inputs),
                                    to_stream(s), params);
}

array gather_linear(const array& x, const array& weight, const array& indices, StreamOrDevice s) {
  check_dense("gather_linear", x, weight, 3);
  const Chosen chosen("gather_linear", x, weight, indices, s);
  return make_node<GatherMM>(chosen.shape, x.dtype(),
                             {x, swapaxes(weight, -1, -2, s), chosen.x, chosen.weight},
                             to_stream(s));
}

array gather_linear_q(const array& x, const array& weight, const array& scales,
                      const std::optional<array>& biases, const array& indices, int group_size,
                      int bits, QuantMode mode, StreamOrDevice s) {
  constexpr const char* kOp = "gather_linear_q";
  const QuantParams params{group_size, bits, /*transpose=*/true, mode};
  check(kOp, x, weight, 3, check_stored_matrices(kOp, weight, scales, biases, 3, params));
  const Chosen chosen(kOp, x, weight, indices, s);
  std::vector<array> inputs = {x, weight, scales};
  if (biases) inputs.push_back(*biases);
  inputs.insert(inputs.end(), {chosen.x, chosen.weight});
  return make_node<GatherQMM>(chosen.shape, x.dtype(), std::move(inputs), to_stream(s), params);
}

}  // namespace mlxa::fast
