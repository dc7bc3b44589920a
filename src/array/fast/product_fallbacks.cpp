// Products in plain ops.
#include "array/fast/fallbacks.h"
#include "array/ops/common.h"
#include "array/ops/hadamard_signs.h"

namespace mlxa {
namespace {

// The matrices of the leading axes that `indices` name: [indices.., rows, columns].
array chosen(const array& a, const array& indices, StreamOrDevice s) {
  const array matrices = reshape(a, {-1, a.shape(-2), a.shape(-1)}, s);
  return take(matrices, indices, 0, s);
}

// The matrix of a quantized product in float32, from its weight, scales and perhaps biases.
array dense_weights(const std::vector<array>& parts, const QuantParams& params, StreamOrDevice s) {
  const bool affine = params.mode == QuantMode::kAffine;
  const array scales = affine ? astype(parts[1], float32, s) : parts[1];
  const std::optional<array> biases =
      affine ? std::optional<array>(astype(parts[2], float32, s)) : std::nullopt;
  return dequantize(parts[0], scales, biases, params.group_size, params.bits,
                    mode_name(params.mode), std::nullopt, float32, s);
}

Dtype product_dtype(const std::vector<array>& in, const QuantParams& params) {
  if (params.mode != QuantMode::kAffine) return in[0].dtype();
  return promote_types(in[0].dtype(), in[2].dtype());
}

}  // namespace

std::vector<array> fallback_addmm(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const AddMMParams& params = params_of<AddMM>(primitive);
  const array product = matmul(astype(in[0], float32, s), astype(in[1], float32, s), s);
  const array scaled = multiply(product, array(params.alpha), s);
  const array added = multiply(astype(in[2], float32, s), array(params.beta), s);
  return {astype(add(scaled, added, s), in[0].dtype(), s)};
}

// The Kronecker product's factors one after the other: axes [rows, order, pairs.., 2, step].
std::vector<array> fallback_hadamard(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const auto [order, scale] = params_of<Hadamard>(primitive);
  const int length = in[0].shape(-1);
  array x = astype(in[0], float32, s);
  for (int step = 1; step < length / order; step *= 2) {
    const std::vector<array> halves = split(reshape(x, {-1, 2, step}, s), 2, 1, s);
    x = concatenate({add(halves[0], halves[1], s), subtract(halves[0], halves[1], s)}, 1, s);
  }
  if (order > 1) {
    std::vector<float> signs;
    for (int row = 0; row < order; row++) {
      for (int column = 0; column < order; column++) {
        signs.push_back(hadamard_sign(order, row, column));
      }
    }
    x = matmul(array(signs.begin(), {order, order}, float32),
               reshape(x, {-1, order, length / order}, s), s);
  }
  x = multiply(reshape(x, in[0].shape(), s), array(scale), s);
  return {astype(x, in[0].dtype(), s)};
}

std::vector<array> fallback_gather_mm(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  return {matmul(chosen(in[0], in[2], s), chosen(in[1], in[3], s), s)};
}

std::vector<array> fallback_quantized_matmul(const Primitive& primitive,
                                             const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const QuantParams& params = params_of<QuantizedMatmul>(primitive);
  const array w = dense_weights({in.begin() + 1, in.end()}, params, s);
  const array product =
      matmul(astype(in[0], float32, s), params.transpose ? swapaxes(w, -1, -2, s) : w, s);
  return {astype(product, product_dtype(in, params), s)};
}

std::vector<array> fallback_gather_qmm(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const QuantParams& params = params_of<GatherQMM>(primitive);
  const array &x_index = in[in.size() - 2], &w_index = in.back();
  std::vector<array> parts;
  for (size_t i = 1; i + 2 < in.size(); i++) parts.push_back(chosen(in[i], w_index, s));
  const array w = dense_weights(parts, params, s);
  const array product = matmul(astype(chosen(in[0], x_index, s), float32, s),
                               params.transpose ? swapaxes(w, -1, -2, s) : w, s);
  return {astype(product, product_dtype(in, params), s)};
}

}  // namespace mlxa
