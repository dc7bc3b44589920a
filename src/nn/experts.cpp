#include "nn/experts.h"

#include <vector>

#include "mlxa/error.h"

namespace mlxa::nn {
namespace {

// Checkpoints of other programs store every expert's matrices by themselves.
void check_stacked(const Weights& weights, const std::string& path) {
  if (weights.has(path + ".switch_mlp.gate_proj.weight")) return;
  for (const std::string& name : weights.remaining()) {
    if (name.rfind(path + ".experts.", 0) != 0) continue;
    throw Error(ErrorCode::kUnsupported,
                "[weights] the experts of " + path + " are not stacked, as " + name + " shows",
                "Convert the model with mlx_lm.convert, or fetch its MLX version.");
  }
}

Matrix take_stack(Weights& weights, const std::string& path, const char* name,
                  const ExpertsShape& shape, int out, int in) {
  return take_experts(weights, path + ".switch_mlp." + name, {shape.experts, shape.chosen}, out,
                      in);
}

// The first `count` elements of the last axis.
array leading(const array& x, int count) {
  Shape stop = x.shape();
  stop.back() = count;
  return mx::slice(x, Shape(x.ndim(), 0), stop);
}

}  // namespace

MixtureOfExperts::MixtureOfExperts(Weights& weights, const std::string& path,
                                   const ExpertsShape& shape)
    : shape_(shape),
      router_((check_stacked(weights, path), weights), path + ".gate", shape.hidden, shape.experts,
              /*bias=*/false),
      gate_proj_(take_stack(weights, path, "gate_proj", shape, shape.intermediate, shape.hidden)),
      up_proj_(take_stack(weights, path, "up_proj", shape, shape.intermediate, shape.hidden)),
      down_proj_(take_stack(weights, path, "down_proj", shape, shape.hidden, shape.intermediate)) {}

array MixtureOfExperts::operator()(const array& x) const {
  const array logits = [&] {
    // Which experts a token gets must not hang on the rounding of its activations, and exactness
    // costs little here.
    const ComputeScope exact({Precision::kExact, current_mode().phase});
    return router_(x);
  }();
  const array order = mx::argpartition(mx::negative(logits), shape_.chosen - 1, -1);
  const array experts = leading(order, shape_.chosen);
  const array scores =
      shape_.normalized
          ? mx::softmax(mx::take_along_axis(logits, experts, -1), -1, /*precise=*/true)
          : mx::take_along_axis(mx::softmax(logits, -1, /*precise=*/true), experts, -1);
  // [B, L, 1, 1, hidden]: a row for each expert of a token, the same one for all.
  const array rows = mx::expand_dims(x, std::vector<int>{2, 3});
  const array gate = multiply_chosen(rows, gate_proj_, experts);
  const array up = multiply_chosen(rows, up_proj_, experts);
  const array out = multiply_chosen(mx::fast::swiglu(gate, up), down_proj_, experts);
  const array weighted = mx::multiply(mx::squeeze(out, -2), mx::expand_dims(scores, -1));
  return mx::sum(weighted, -2);
}

}  // namespace mlxa::nn
