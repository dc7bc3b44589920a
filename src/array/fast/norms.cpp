#include "mlxa/fast.h"

#include "array/fast/engine_ops.h"
#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

namespace {

// A weight or bias: one element for each of the last axis.
void check_weight(const char* op, const char* what, const array& weight, const array& x) {
  if (weight.ndim() == 1 && weight.shape(0) == x.shape(-1)) return;
  invalid(op, std::string(what) + " of shape " + text(weight.shape()) + ", expected (" +
                  std::to_string(x.shape(-1)) + ")");
}

void check_input(const char* op, const array& x) {
  if (x.ndim() == 0) invalid(op, "a scalar, expected one or more dimensions");
}

void check_type(const char* op, const Dtype& dtype) {
  if (!is_floating(dtype)) {
    invalid(op, "type " + text(dtype) + ", expected a floating-point type");
  }
}

}  // namespace

array rms_norm(const array& x, const std::optional<array>& weight, float eps, StreamOrDevice s) {
  check_input("rms_norm", x);
  if (weight) check_weight("rms_norm", "weight", *weight, x);
  const Dtype dtype = weight ? result_type(x, *weight) : x.dtype();
  check_type("rms_norm", dtype);
  std::vector<array> inputs{astype(x, dtype, s)};
  if (weight) inputs.push_back(astype(*weight, dtype, s));
  return make_node<RMSNorm>(x.shape(), dtype, std::move(inputs), to_stream(s), {eps});
}

array layer_norm(const array& x, const std::optional<array>& weight,
                 const std::optional<array>& bias, float eps, StreamOrDevice s) {
  check_input("layer_norm", x);
  if (weight) check_weight("layer_norm", "weight", *weight, x);
  if (bias) check_weight("layer_norm", "bias", *bias, x);
  Dtype dtype = x.dtype();
  if (weight) dtype = promote_types(dtype, weight->dtype());
  if (bias) dtype = promote_types(dtype, bias->dtype());
  check_type("layer_norm", dtype);
  // A scalar stands for what was not given.
  return make_node<LayerNorm>(
      x.shape(), dtype,
      {astype(x, dtype, s), weight ? astype(*weight, dtype, s) : array(1.0f, dtype),
       bias ? astype(*bias, dtype, s) : array(0.0f, dtype)},
      to_stream(s), {eps});
}

std::pair<array, array> add_rms_norm(const array& x, const array& residual, const array& weight,
                                     float eps, StreamOrDevice s) {
  check_input("add_rms_norm", x);
  check_weight("add_rms_norm", "weight", weight, x);
  if (x.shape() != residual.shape()) {
    invalid("add_rms_norm",
            "a residual of shape " + text(residual.shape()) + ", expected " + text(x.shape()));
  }
  const Dtype dtype = result_type(x, residual);
  check_type("add_rms_norm", dtype);
  if (promote_types(dtype, weight.dtype()) != dtype) {  // the norm is wider than the sum
    const array sum = add(x, residual, s);
    return {sum, rms_norm(sum, weight, eps, s)};
  }
  const std::vector<array> out = array::make_arrays(
      {x.shape(), x.shape()}, {dtype, dtype},
      std::make_shared<AddRMSNorm>(to_stream(s), NormParams{eps}),
      {astype(x, dtype, s), astype(residual, dtype, s), astype(weight, dtype, s)});
  return {out[0], out[1]};
}

array swiglu(const array& gate, const array& up, StreamOrDevice s) {
  if (gate.shape() != up.shape() || gate.dtype() != up.dtype()) {
    invalid("swiglu", "a gate " + text(gate.shape()) + " " + text(gate.dtype()) + " and up " +
                          text(up.shape()) + " " + text(up.dtype()) + ", expected equal ones");
  }
  check_type("swiglu", gate.dtype());
  return make_node<SwiGLU>(gate.shape(), gate.dtype(), {gate, up}, to_stream(s));
}

}  // namespace mlxa::fast
