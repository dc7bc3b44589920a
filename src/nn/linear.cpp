#include "nn/linear.h"

namespace mlxa::nn {

Matrix take_matrix(Weights& weights, const std::string& path, int out, int in) {
  if (weights.is_quantized(path)) return weights.take_quantized(path, out, in);
  return weights.take(path + ".weight", {out, in});
}

array take_vector(Weights& weights, const std::string& name, int size) {
  array out = mx::astype(weights.take(name, {size}), float32);
  out.eval();
  return out;
}

array multiply_transposed(const array& x, const Matrix& matrix) {
  if (const auto* q = std::get_if<QuantizedWeight>(&matrix)) {
    return mx::fast::linear_q(x, q->weight, q->scales, q->biases, q->group_size, q->bits, q->mode);
  }
  return mx::fast::linear(x, std::get<array>(matrix));
}

Matrix take_experts(Weights& weights, const std::string& path, const ExpertStack& stack, int out,
                    int in) {
  if (weights.is_quantized(path)) return weights.take_quantized_experts(path, stack, out, in);
  return weights.take_experts(path, stack, out, in);
}

array multiply_chosen(const array& x, const Matrix& stack, const array& indices) {
  if (const auto* q = std::get_if<QuantizedWeight>(&stack)) {
    return mx::fast::gather_linear_q(x, q->weight, q->scales, q->biases, indices, q->group_size,
                                     q->bits, q->mode);
  }
  return mx::fast::gather_linear(x, std::get<array>(stack), indices);
}

Dtype value_dtype(const Matrix& matrix) {
  if (const auto* q = std::get_if<QuantizedWeight>(&matrix)) {
    return q->biases ? q->scales.dtype() : bfloat16;
  }
  return std::get<array>(matrix).dtype();
}

Linear::Linear(Weights& weights, const std::string& path, int in, int out, bool bias)
    : weight_(take_matrix(weights, path, out, in)) {
  if (bias) bias_ = take_vector(weights, path + ".bias", out);
}

array Linear::operator()(const array& x) const {
  array y = multiply_transposed(x, weight_);
  return bias_ ? mx::add(y, *bias_) : y;
}

Embedding::Embedding(Weights& weights, const std::string& path, int count, int dim)
    : table_(take_matrix(weights, path, count, dim)) {}

array Embedding::operator()(const array& ids) const {
  if (const auto* q = std::get_if<QuantizedWeight>(&table_)) {
    return mx::fast::embedding_q(ids, q->weight, q->scales, q->biases, q->group_size, q->bits,
                                 q->mode);
  }
  return mx::take(std::get<array>(table_), ids, 0);
}

array Embedding::as_linear(const array& x) const { return multiply_transposed(x, table_); }

}  // namespace mlxa::nn
