#include <algorithm>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

constexpr int kDefaultGroupSize = 64;
constexpr int kDefaultBits = 4;

QuantParams affine_params(const char* op, std::optional<int> group_size, std::optional<int> bits,
                          const std::string& mode, bool has_global_scale, bool transpose) {
  if (mode != "affine") invalid(op, "mode '" + mode + "' is not supported, expected 'affine'");
  if (has_global_scale) invalid(op, "a global scale, which mode 'affine' does not have");
  const QuantParams params{group_size.value_or(kDefaultGroupSize), bits.value_or(kDefaultBits),
                           transpose};
  if (params.group_size != 32 && params.group_size != 64 && params.group_size != 128) {
    invalid(op, "group size " + std::to_string(params.group_size) + ", expected 32, 64 or 128");
  }
  if (params.bits < 2 || params.bits > 8 || params.bits == 7) {
    invalid(op, std::to_string(params.bits) + " bits, expected 2, 3, 4, 5, 6 or 8");
  }
  return params;
}

// A quantized matrix whose parts fit together, and how many elements a row of it has.
struct QuantizedMatrix {
  array w, scales, biases;
  int row_length;

  QuantizedMatrix(const char* op, const array& packed, const array& scale_rows,
                  const std::optional<array>& bias_rows, const QuantParams& params)
      : w(packed), scales(scale_rows), biases(bias_rows ? *bias_rows : scale_rows) {
    if (!bias_rows) invalid(op, "no biases, which mode 'affine' needs");
    if (w.dtype() != uint32) {
      invalid(op, "a matrix of type " + text(w.dtype()) + ", expected uint32");
    }
    if (w.ndim() < 2) invalid(op, "shape " + text(w.shape()) + ", expected two dimensions");
    if (scales.shape() != biases.shape()) {
      invalid(op, "scales of shape " + text(scales.shape()) + " and biases of shape " +
                      text(biases.shape()) + ", expected equal ones");
    }
    const int64_t bits = int64_t{w.shape(-1)} * 32;
    Shape groups = w.shape();
    if (scales.ndim() == w.ndim()) groups.back() = scales.shape(-1);
    if (scales.shape() != groups ||
        bits != int64_t{scales.shape(-1)} * params.group_size * params.bits) {
      invalid(op, "a matrix of shape " + text(w.shape()) + " with scales of shape " +
                      text(scales.shape()) + " does not have groups of " +
                      std::to_string(params.group_size) + " and " + std::to_string(params.bits) +
                      " bits");
    }
    row_length = dimension(op, bits / params.bits);
  }

  void convert(const char* op, const Dtype& dtype, StreamOrDevice s) {
    if (!is_floating(dtype)) {
      invalid(op, "scales that promote to " + text(dtype) + ", expected a floating-point type");
    }
    scales = astype(scales, dtype, s);
    biases = astype(biases, dtype, s);
  }

  int inputs(bool transpose) const { return transpose ? row_length : w.shape(-2); }
  int outputs(bool transpose) const { return transpose ? w.shape(-2) : row_length; }

  void check_product(const char* op, const array& x, bool transpose) const {
    if (x.ndim() > 0 && x.shape(-1) == inputs(transpose)) return;
    invalid(op, "x of shape " + text(x.shape()) + ", expected a last axis of " +
                    std::to_string(inputs(transpose)));
  }
};

Shape with_last(Shape shape, ShapeElem last) {
  shape.back() = last;
  return shape;
}

}  // namespace

std::vector<array> quantize(const array& w, std::optional<int> group_size, std::optional<int> bits,
                            const std::string& mode, const std::optional<array>& global_scale,
                            StreamOrDevice s) {
  const QuantParams params =
      affine_params("quantize", group_size, bits, mode, global_scale.has_value(), false);
  if (!is_floating(w.dtype())) {
    invalid("quantize", "type " + text(w.dtype()) + ", expected a floating-point type");
  }
  if (w.ndim() < 2) invalid("quantize", "shape " + text(w.shape()) + ", expected two dimensions");
  const int64_t length = w.shape(-1);
  if (length % params.group_size != 0) {
    invalid("quantize", "rows of " + std::to_string(length) + " elements, expected a multiple of " +
                            std::to_string(params.group_size));
  }
  const Shape packed = with_last(w.shape(), dimension("quantize", length * params.bits / 32));
  const Shape groups = with_last(w.shape(), static_cast<ShapeElem>(length / params.group_size));
  return array::make_arrays({packed, groups, groups}, {uint32, w.dtype(), w.dtype()},
                            std::make_shared<Quantize>(to_stream(s), params), {w});
}

array dequantize(const array& w, const array& scales, const std::optional<array>& biases,
                 std::optional<int> group_size, std::optional<int> bits, const std::string& mode,
                 const std::optional<array>& global_scale, std::optional<Dtype> dtype,
                 StreamOrDevice s) {
  const QuantParams params =
      affine_params("dequantize", group_size, bits, mode, global_scale.has_value(), false);
  QuantizedMatrix q("dequantize", w, scales, biases, params);
  const Dtype own = result_type(q.scales, q.biases);
  q.convert("dequantize", own, s);
  if (dtype && !is_floating(*dtype)) {
    invalid("dequantize", "result type " + text(*dtype) + ", expected a floating-point type");
  }
  const array out = make_node<Dequantize>(with_last(w.shape(), q.row_length), own,
                                          {q.w, q.scales, q.biases}, to_stream(s), params);
  return astype(out, dtype.value_or(own), s);
}

array quantized_matmul(const array& x, const array& w, const array& scales,
                       const std::optional<array>& biases, bool transpose,
                       std::optional<int> group_size, std::optional<int> bits,
                       const std::string& mode, StreamOrDevice s) {
  constexpr const char* kOp = "quantized_matmul";
  const QuantParams params = affine_params(kOp, group_size, bits, mode, false, transpose);
  QuantizedMatrix q(kOp, w, scales, biases, params);
  q.check_product(kOp, x, transpose);
  const Dtype dtype = result_type(x, q.scales, q.biases);
  q.convert(kOp, dtype, s);
  array in = astype(x, dtype, s);
  if (x.ndim() == 1) in = expand_dims(in, 0, s);
  if (w.ndim() > 2) {
    const Shape batch = broadcast_shapes(Shape(in.shape().begin(), in.shape().end() - 2),
                                         Shape(w.shape().begin(), w.shape().end() - 2));
    auto stretch = [&](array& part) {
      Shape shape = batch;
      shape.insert(shape.end(), part.shape().end() - 2, part.shape().end());
      part = broadcast_to(part, shape, s);
    };
    for (array* part : {&in, &q.w, &q.scales, &q.biases}) stretch(*part);
  }
  const Shape shape = with_last(in.shape(), q.outputs(transpose));
  const array out =
      make_node<QuantizedMatmul>(shape, dtype, {in, q.w, q.scales, q.biases}, to_stream(s), params);
  return x.ndim() == 1 ? squeeze(out, -2, s) : out;
}

array gather_qmm(const array& x, const array& w, const array& scales,
                 const std::optional<array>& biases, std::optional<array> lhs_indices,
                 std::optional<array> rhs_indices, bool transpose, std::optional<int> group_size,
                 std::optional<int> bits, const std::string& mode,
                 const std::optional<array>& global_scale, bool, StreamOrDevice s) {
  constexpr const char* kOp = "gather_qmm";
  const QuantParams params =
      affine_params(kOp, group_size, bits, mode, global_scale.has_value(), transpose);
  if (!lhs_indices && !rhs_indices) {
    return quantized_matmul(x, w, scales, biases, transpose, group_size, bits, mode, s);
  }
  QuantizedMatrix q(kOp, w, scales, biases, params);
  q.check_product(kOp, x, transpose);
  if (x.ndim() < 2) invalid(kOp, "x of shape " + text(x.shape()) + ", expected two dimensions");
  const Dtype dtype = result_type(x, q.scales, q.biases);
  q.convert(kOp, dtype, s);
  auto [lhs, rhs] = matrix_indices(kOp, x, w, lhs_indices, rhs_indices, s);
  Shape shape = lhs.shape();
  shape.insert(shape.end(), {x.shape(-2), q.outputs(transpose)});
  return make_node<GatherQMM>(
      shape, dtype, {astype(x, dtype, s), q.w, q.scales, q.biases, lhs, rhs}, to_stream(s), params);
}

}  // namespace mlxa
