#include <algorithm>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

// Global scales make the largest E4M3 scale times the largest E2M1 code.
constexpr float kGlobalRange = 448.0f * 6.0f;

void check_params(const std::string& op, const QuantParams& params) {
  const std::string mode = mode_name(params.mode);
  if (!has_group_size(params.mode, params.group_size)) {
    invalid(op, "group size " + std::to_string(params.group_size) + ", mode '" + mode + "' has " +
                    known_group_sizes(params.mode));
  }
  if (!has_bits(params.mode, params.bits)) {
    invalid(op, std::to_string(params.bits) + " bits, mode '" + mode + "' has " +
                    known_bits(params.mode));
  }
}

QuantParams quant_params(const char* op, std::optional<int> group_size, std::optional<int> bits,
                         const std::string& name, bool transpose) {
  const std::optional<QuantMode> mode = mode_named(name);
  if (!mode) invalid(op, "mode '" + name + "', expected affine, mxfp4, mxfp8 or nvfp4");
  const QuantParams params{group_size.value_or(default_group_size(*mode)),
                           bits.value_or(default_bits(*mode)), transpose, *mode};
  check_params(op, params);
  return params;
}

void check_global_scale(const char* op, const std::optional<array>& scale, QuantMode mode) {
  if (!scale) return;
  if (mode != QuantMode::kNvfp4) {
    invalid(op, std::string("a global scale, which mode '") + mode_name(mode) + "' does not have");
  }
  if (scale->size() != 1 || scale->dtype() != float32) {
    invalid(op, "a global scale of shape " + text(scale->shape()) + " and type " +
                    text(scale->dtype()) + ", expected one float32");
  }
}

// A quantized matrix whose parts fit together, and how many elements a row of it has.
struct QuantizedMatrix {
  array w, scales;
  std::optional<array> biases;
  ShapeElem row_length;

  QuantizedMatrix(const char* op, const array& packed, const array& scale_rows,
                  const std::optional<array>& bias_rows, const QuantParams& params)
      : w(packed),
        scales(scale_rows),
        biases(bias_rows),
        row_length(check_quantized(op, packed, scale_rows, bias_rows, params)) {}

  // Type of what `other` and affine scales make.
  Dtype promoted(const Dtype& other) const {
    return biases ? promote_types(other, result_type(scales, *biases)) : other;
  }

  // Affine scales and biases in the type of the result.
  void convert(const char* op, const Dtype& dtype, StreamOrDevice s) {
    if (!is_floating(dtype)) {
      invalid(op, "operands that promote to " + text(dtype) + ", expected a floating-point type");
    }
    if (!biases) return;
    scales = astype(scales, dtype, s);
    biases = astype(*biases, dtype, s);
  }

  std::vector<array> with_parts(std::vector<array> before) const {
    before.insert(before.end(), {w, scales});
    if (biases) before.push_back(*biases);
    return before;
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

ShapeElem ops::check_quantized(const std::string& op, const array& w, const array& scales,
                               const std::optional<array>& biases, const QuantParams& params) {
  check_params(op, params);
  const std::string mode = mode_name(params.mode);
  const bool affine = params.mode == QuantMode::kAffine;
  if (biases.has_value() != affine) {
    invalid(op, affine ? "no biases, which mode '" + mode + "' needs"
                       : "biases, which mode '" + mode + "' does not have");
  }
  if (w.dtype() != uint32) {
    invalid(op, "a matrix of type " + text(w.dtype()) + ", expected uint32");
  }
  if (w.ndim() < 2) invalid(op, "shape " + text(w.shape()) + ", expected two dimensions");
  if (affine && scales.shape() != biases->shape()) {
    invalid(op, "scales of shape " + text(scales.shape()) + " and biases of shape " +
                    text(biases->shape()) + ", expected equal ones");
  }
  if (!affine && scales.dtype() != uint8) {
    invalid(op, "scales of type " + text(scales.dtype()) + ", mode '" + mode + "' has uint8");
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
  return dimension(op, bits / params.bits);
}

ShapeElem ops::check_stored_matrices(const std::string& op, const array& w, const array& scales,
                                     const std::optional<array>& biases, size_t axes,
                                     const QuantParams& params) {
  if (w.ndim() != axes) {
    invalid(op,
            "weights of shape " + text(w.shape()) + ", expected " + std::to_string(axes) + " axes");
  }
  const ShapeElem row_length = check_quantized(op, w, scales, biases, params);
  if (biases && (!is_floating(scales.dtype()) || scales.dtype() != biases->dtype())) {
    invalid(op, "scales of type " + text(scales.dtype()) + " and biases of type " +
                    text(biases->dtype()) + ", expected one floating-point type");
  }
  return row_length;
}

std::vector<array> quantize(const array& w, std::optional<int> group_size, std::optional<int> bits,
                            const std::string& mode, const std::optional<array>& global_scale,
                            StreamOrDevice s) {
  const QuantParams params = quant_params("quantize", group_size, bits, mode, false);
  check_global_scale("quantize", global_scale, params.mode);
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
  auto primitive = std::make_shared<Quantize>(to_stream(s), params);
  if (params.mode == QuantMode::kAffine) {
    return array::make_arrays({packed, groups, groups}, {uint32, w.dtype(), w.dtype()}, primitive,
                              {w});
  }
  array in = w;
  if (global_scale) {
    const array factor = divide(array(kGlobalRange), reshape(*global_scale, {}, s), s);
    in = multiply(astype(w, float32, s), factor, s);
  }
  return array::make_arrays({packed, groups}, {uint32, uint8}, primitive, {in});
}

array dequantize(const array& w, const array& scales, const std::optional<array>& biases,
                 std::optional<int> group_size, std::optional<int> bits, const std::string& mode,
                 const std::optional<array>& global_scale, std::optional<Dtype> dtype,
                 StreamOrDevice s) {
  const QuantParams params = quant_params("dequantize", group_size, bits, mode, false);
  check_global_scale("dequantize", global_scale, params.mode);
  QuantizedMatrix q("dequantize", w, scales, biases, params);
  if (dtype && !is_floating(*dtype)) {
    invalid("dequantize", "result type " + text(*dtype) + ", expected a floating-point type");
  }
  // The formats without biases have no type of their own: what they hold is exact in any of these.
  const Dtype own = q.biases ? result_type(q.scales, *q.biases) : global_scale ? float32 : bfloat16;
  const Dtype computed = q.biases ? own : float32;
  q.convert("dequantize", computed, s);
  array out = make_node<Dequantize>(with_last(w.shape(), q.row_length), computed, q.with_parts({}),
                                    to_stream(s), params);
  if (global_scale) {
    const array factor = divide(reshape(*global_scale, {}, s), array(kGlobalRange), s);
    out = multiply(out, factor, s);
  }
  return astype(out, dtype.value_or(own), s);
}

array quantized_matmul(const array& x, const array& w, const array& scales,
                       const std::optional<array>& biases, bool transpose,
                       std::optional<int> group_size, std::optional<int> bits,
                       const std::string& mode, StreamOrDevice s) {
  constexpr const char* kOp = "quantized_matmul";
  const QuantParams params = quant_params(kOp, group_size, bits, mode, transpose);
  QuantizedMatrix q(kOp, w, scales, biases, params);
  q.check_product(kOp, x, transpose);
  const Dtype dtype = q.promoted(x.dtype());
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
    for (array* part : {&in, &q.w, &q.scales}) stretch(*part);
    if (q.biases) stretch(*q.biases);
  }
  const Shape shape = with_last(in.shape(), q.outputs(transpose));
  const array out =
      make_node<QuantizedMatmul>(shape, dtype, q.with_parts({in}), to_stream(s), params);
  return x.ndim() == 1 ? squeeze(out, -2, s) : out;
}

array gather_qmm(const array& x, const array& w, const array& scales,
                 const std::optional<array>& biases, std::optional<array> lhs_indices,
                 std::optional<array> rhs_indices, bool transpose, std::optional<int> group_size,
                 std::optional<int> bits, const std::string& mode,
                 const std::optional<array>& global_scale, bool, StreamOrDevice s) {
  constexpr const char* kOp = "gather_qmm";
  const QuantParams params = quant_params(kOp, group_size, bits, mode, transpose);
  if (global_scale) invalid(kOp, "a global scale, which this product does not take");
  if (!lhs_indices && !rhs_indices) {
    return quantized_matmul(x, w, scales, biases, transpose, group_size, bits, mode, s);
  }
  QuantizedMatrix q(kOp, w, scales, biases, params);
  q.check_product(kOp, x, transpose);
  if (x.ndim() < 2) invalid(kOp, "x of shape " + text(x.shape()) + ", expected two dimensions");
  const Dtype dtype = q.promoted(x.dtype());
  q.convert(kOp, dtype, s);
  auto [lhs, rhs] = matrix_indices(kOp, x, w, lhs_indices, rhs_indices, s);
  Shape shape = lhs.shape();
  shape.insert(shape.end(), {x.shape(-2), q.outputs(transpose)});
  std::vector<array> inputs = q.with_parts({astype(x, dtype, s)});
  inputs.insert(inputs.end(), {lhs, rhs});
  return make_node<GatherQMM>(shape, dtype, std::move(inputs), to_stream(s), params);
}

}  // namespace mlxa
