// Linear and embedding layers over dense or quantized matrices.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "nn/weights.h"

namespace mlxa::nn {

/// A matrix [out, in] as the checkpoint stores it.
using Matrix = std::variant<array, QuantizedWeight>;

/// Takes `path`.weight, quantized or not, of `out` x `in`.
Matrix take_matrix(Weights& weights, const std::string& path, int out, int in);

/// Takes a vector of `size` as float32, the type of activations: cast once, not at every step.
array take_vector(Weights& weights, const std::string& name, int size);

/// x [..., in] times the transpose of a matrix: [..., out].
array multiply_transposed(const array& x, const Matrix& matrix);

/// Takes stacked matrices [experts, out, in] likewise.
Matrix take_experts(Weights& weights, const std::string& path, const ExpertStack& stack, int out,
                    int in);

/// x [.., M, in], whose leading axes broadcast against `indices`, times the transposes of the
/// matrices of a stack that the indices choose: [indices.., M, out].
array multiply_chosen(const array& x, const Matrix& stack, const array& indices);

/// Dtype that holds a matrix's values once expanded.
Dtype value_dtype(const Matrix& matrix);

/// y = x W^T (+ bias), x [..., in] to [..., out].
class Linear {
 public:
  Linear(Weights& weights, const std::string& path, int in, int out, bool bias);
  array operator()(const array& x) const;

 private:
  Matrix weight_;
  std::optional<array> bias_;
};

/// Rows of a table by token id; as_linear uses the same table as an output head.
class Embedding {
 public:
  Embedding(Weights& weights, const std::string& path, int count, int dim);
  /// ids int32 [...] to [..., dim].
  array operator()(const array& ids) const;
  /// x [..., dim] to [..., count].
  array as_linear(const array& x) const;
  Dtype dtype() const { return value_dtype(table_); }

 private:
  Matrix table_;
};

}  // namespace mlxa::nn
