// Norms, rope, SwiGLU and embedding in plain ops.
#include "array/fast/fallbacks.h"

#include "array/ops/common.h"

namespace mlxa {
namespace {

array last(const array& a, int begin, int end, StreamOrDevice s) {
  Shape start(a.ndim(), 0), stop = a.shape();
  start.back() = begin;
  stop.back() = end;
  return slice(a, start, stop, s);
}

array normalized(const array& x, const array* weight, float eps, StreamOrDevice s) {
  const array wide = astype(x, float32, s);
  const array power = mean(square(wide, s), -1, true, s);
  const array factor = rsqrt(add(power, array(eps), s), s);
  const array unit = astype(multiply(wide, factor, s), x.dtype(), s);
  return weight ? multiply(unit, *weight, s) : unit;
}

}  // namespace

std::vector<array> fallback_rms_norm(const Primitive& primitive, const std::vector<array>& in) {
  return {normalized(in[0], in.size() > 1 ? &in[1] : nullptr, params_of<RMSNorm>(primitive).eps,
                     primitive.stream())};
}

std::vector<array> fallback_add_rms_norm(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const array sum = add(in[0], in[1], s);
  return {sum, normalized(sum, &in[2], params_of<AddRMSNorm>(primitive).eps, s)};
}

std::vector<array> fallback_layer_norm(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const array wide = astype(in[0], float32, s);
  const array centred = subtract(wide, mean(wide, -1, true, s), s);
  const array power = mean(square(centred, s), -1, true, s);
  const array factor = rsqrt(add(power, array(params_of<LayerNorm>(primitive).eps), s), s);
  const array unit = multiply(centred, factor, s);
  const array scaled = multiply(unit, astype(in[1], float32, s), s);
  return {astype(add(scaled, astype(in[2], float32, s), s), in[0].dtype(), s)};
}

std::vector<array> fallback_rope(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const RoPEParams& params = params_of<RoPE>(primitive);
  const array& x = in[0];
  const int half = params.dims / 2, steps = x.shape(-2), width = x.shape(-1);
  array rates = array(0.0f);
  if (in.size() > 2) {
    rates = divide(array(1.0f), in[2], s);
  } else {
    const array exponents = multiply(arange(0.0, half, float32, s), array(-2.0f / params.dims), s);
    rates = power(array(params.base), exponents, s);
  }
  // Positions [B or 1, 1 .., T, 1], to broadcast against x.
  Shape of_offset(x.ndim(), 1);
  of_offset[0] = static_cast<ShapeElem>(in[1].size());
  const array offset = reshape(astype(in[1], float32, s), of_offset, s);
  const array step = reshape(arange(0.0, steps, float32, s), {steps, 1}, s);
  const array position = multiply(add(offset, step, s), array(params.scale), s);
  const array angle = multiply(position, rates, s);
  const array cosine = cos(angle, s), sine = sin(angle, s);
  const array wide = astype(last(x, 0, params.dims, s), float32, s);
  array first = array(0.0f), second = array(0.0f);
  Shape pairs = wide.shape();
  pairs.back() = half;
  pairs.push_back(2);
  if (params.traditional) {
    const array split = reshape(wide, pairs, s);
    first = squeeze(last(split, 0, 1, s), -1, s);
    second = squeeze(last(split, 1, 2, s), -1, s);
  } else {
    first = last(wide, 0, half, s);
    second = last(wide, half, params.dims, s);
  }
  const array a = subtract(multiply(first, cosine, s), multiply(second, sine, s), s);
  const array b = add(multiply(first, sine, s), multiply(second, cosine, s), s);
  array out = params.traditional ? reshape(stack({a, b}, -1, s), wide.shape(), s)
                                 : concatenate({a, b}, -1, s);
  out = astype(out, x.dtype(), s);
  if (params.dims < width) out = concatenate({out, last(x, params.dims, width, s)}, -1, s);
  return {out};
}

std::vector<array> fallback_swiglu(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const array gate = astype(in[0], float32, s);
  const array silu = multiply(gate, sigmoid(gate, s), s);
  return {astype(multiply(silu, astype(in[1], float32, s), s), in[0].dtype(), s)};
}

std::vector<array> fallback_embedding_q(const Primitive& primitive, const std::vector<array>& in) {
  const Stream s = primitive.stream();
  const QuantParams& params = params_of<EmbeddingQ>(primitive);
  const array ids = reshape(in[0], {static_cast<ShapeElem>(in[0].size())}, s);
  array scales = take(in[2], ids, 0, s);
  std::optional<array> biases;
  if (params.mode == QuantMode::kAffine) {
    scales = astype(scales, float32, s);
    biases = astype(take(in[3], ids, 0, s), float32, s);
  }
  const array rows = dequantize(take(in[1], ids, 0, s), scales, biases, params.group_size,
                                params.bits, mode_name(params.mode), std::nullopt, float32, s);
  Shape shape = in[0].shape();
  shape.push_back(rows.shape(-1));
  return {reshape(rows, shape, s)};
}

}  // namespace mlxa
