// Products of matrices, plain and quantized. Operands promote to one floating type; sums run in
// float32. Shapes that do not fit, and results that are not floating, throw std::invalid_argument.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mlxa/array.h"

namespace mlxa {

/// [.., M, K] times [.., K, N], leading axes broadcast; a vector counts as a row on the left, a
/// column on the right, and its axis is dropped again.
array matmul(const array& a, const array& b, StreamOrDevice s = {});
/// beta * c + alpha * (a @ b), with `c` broadcast to the product.
array addmm(array c, array a, array b, const float& alpha = 1.f, const float& beta = 1.f,
            StreamOrDevice s = {});
/// Products of chosen matrices: indices count the flattened leading axes of `a` and `b` (their own
/// order if not given) and broadcast against each other; result [indices.., M, N]. `sorted_indices`
/// is a promise that rhs_indices ascend.
array gather_mm(array a, array b, std::optional<array> lhs_indices = std::nullopt,
                std::optional<array> rhs_indices = std::nullopt, bool sorted_indices = false,
                StreamOrDevice s = {});

/// Sums of products over the last `axis` axes of `a` and the first of `b`, or over the named ones.
array tensordot(const array& a, const array& b, const int axis = 2, StreamOrDevice s = {});
array tensordot(const array& a, const array& b, const std::vector<int>& axes_a,
                const std::vector<int>& axes_b, StreamOrDevice s = {});
/// a[i] * b[j] of the flat arrays.
array outer(const array& a, const array& b, StreamOrDevice s = {});
/// Sums of products over the last axes.
array inner(const array& a, const array& b, StreamOrDevice s = {});
/// The sum of a * b over one axis, of equal length in both.
array vecdot(const array& a, const array& b, int axis = -1, StreamOrDevice s = {});

/// The product of the last axis, of length n, and the n x n Hadamard matrix (entries 1 and -1),
/// times `scale`, by default 1 / sqrt(n): the transform is then its own inverse where n is a power
/// of two. n = m * 2^k with m of 1, 12, 20, 28; the matrix is H_m (x) H_2 (x) .. (x) H_2. Integers
/// give float32, 16-bit floats are computed in float32. Throws std::invalid_argument for another
/// length and for an empty array.
array hadamard_transform(const array& a, std::optional<float> scale = std::nullopt,
                         StreamOrDevice s = {});

// Quantization: along the last axis each `group_size` elements share a scale, and codes q of `bits`
// bits are packed lowest bits first into uint32. The mode says what they mean:
// - "affine": w = scale * q + bias, both in the matrix's type; groups of 32, 64 (the default) or
//   128 and 2, 3, 4 (the default), 5, 6 or 8 bits.
// - "mxfp4": w = 2^(scale - 127) * E2M1(q), scales of uint8; groups of 32, 4 bits.
// - "mxfp8": w = 2^(scale - 127) * E4M3(q); groups of 32, 8 bits.
// - "nvfp4": w = E4M3(scale) * E2M1(q), with a `global_scale` (one float32) times global_scale /
//   (448 * 6); groups of 16, 4 bits.
// Only "affine" has biases. Everything that contradicts the mode throws std::invalid_argument.

/// {packed [.., K * bits / 32] uint32, scales [.., K / group_size], biases if affine}. The matrix
/// has two or more dimensions, K is a multiple of the group size. Without biases the scale is the
/// least that lets the largest weight fit (nvfp4: the nearest), and codes round half to even.
std::vector<array> quantize(const array& w, std::optional<int> group_size = std::nullopt,
                            std::optional<int> bits = std::nullopt,
                            const std::string& mode = "affine",
                            const std::optional<array>& global_scale = std::nullopt,
                            StreamOrDevice s = {});
/// The floating matrix. Unless told otherwise it has the type of affine scales, else bfloat16,
/// which holds the other modes' weights exactly; with a global scale float32.
array dequantize(const array& w, const array& scales,
                 const std::optional<array>& biases = std::nullopt,
                 std::optional<int> group_size = std::nullopt,
                 std::optional<int> bits = std::nullopt, const std::string& mode = "affine",
                 const std::optional<array>& global_scale = std::nullopt,
                 std::optional<Dtype> dtype = std::nullopt, StreamOrDevice s = {});
/// x times the transpose of the quantized matrix, or without `transpose` the matrix itself. The
/// result has the type that x and affine scales promote to, else x's.
array quantized_matmul(const array& x, const array& w, const array& scales,
                       const std::optional<array>& biases = std::nullopt, bool transpose = true,
                       std::optional<int> group_size = std::nullopt,
                       std::optional<int> bits = std::nullopt, const std::string& mode = "affine",
                       StreamOrDevice s = {});
/// quantized_matmul of chosen matrices, with indices as for gather_mm. A global scale throws
/// std::invalid_argument, as MLX's CPU does.
array gather_qmm(const array& x, const array& w, const array& scales,
                 const std::optional<array>& biases = std::nullopt,
                 std::optional<array> lhs_indices = std::nullopt,
                 std::optional<array> rhs_indices = std::nullopt, bool transpose = true,
                 std::optional<int> group_size = std::nullopt,
                 std::optional<int> bits = std::nullopt, const std::string& mode = "affine",
                 const std::optional<array>& global_scale = std::nullopt,
                 bool sorted_indices = false, StreamOrDevice s = {});

}  // namespace mlxa
