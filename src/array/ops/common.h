// What the op functions share: messages, axes, operands brought to one shape and type.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mlxa/ops.h"
#include "mlxa/utils.h"

#include "array/op_params.h"
#include "array/primitive.h"

namespace mlxa::ops {

/// Throws std::invalid_argument "[op] what".
[[noreturn]] void invalid(const std::string& op, const std::string& what);

/// "(2,3)", as messages print shapes.
std::string text(const Shape& shape);
std::string text(const Dtype& dtype);

/// An axis in [0, ndim); throws std::out_of_range naming the op.
int checked_axis(const std::string& op, int axis, size_t ndim);
/// Axes in [0, ndim), ascending; throws std::invalid_argument where one comes twice.
std::vector<int> checked_axes(const std::string& op, const std::vector<int>& axes, size_t ndim);
std::vector<int> all_axes(const array& a);

/// Throws std::invalid_argument where a dimension is negative.
void check_shape(const std::string& op, const Shape& shape);
/// Throws std::invalid_argument unless the type is an integer.
void check_indices(const std::string& op, const array& indices);

/// A dimension of any size as an axis length; throws std::invalid_argument beyond int32.
ShapeElem dimension(const std::string& op, int64_t length);

inline bool is_floating(const Dtype& dtype) { return issubdtype(dtype, floating); }
inline bool is_integer(const Dtype& dtype) { return issubdtype(dtype, integer); }
/// The type of fractional results: float32 for integers and bool.
inline Dtype at_least_float(const Dtype& dtype) { return is_floating(dtype) ? dtype : float32; }

/// Both operands with one shape and the given type.
std::pair<array, array> matched(const array& a, const array& b, Dtype dtype, StreamOrDevice s);

/// An element-wise node of one input in the given type.
template <class T>
array unary_node(const array& a, Dtype dtype, StreamOrDevice s) {
  return make_node<T>(a.shape(), dtype, {astype(a, dtype, s)}, to_stream(s));
}

/// An element-wise node of two inputs computed in `dtype`, with result type `out`.
template <class T>
array binary_node(const array& a, const array& b, Dtype dtype, Dtype out, StreamOrDevice s) {
  auto [x, y] = matched(a, b, dtype, s);
  const Shape shape = x.shape();
  return make_node<T>(shape, out, {std::move(x), std::move(y)}, to_stream(s));
}

/// The named axes moved behind the others, in order, and merged into one.
array gathered_last(const array& a, const std::vector<int>& axes, StreamOrDevice s);
/// The permutation that gathered_last starts with.
std::vector<int> axes_last(const std::vector<int>& axes, size_t ndim);

/// The shape with the axes dropped, or kept as 1.
Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims);

/// Throws std::invalid_argument unless the mode has the group size and bits, and the parts of a
/// quantized matrix [.., N, K] fit them; returns K.
ShapeElem check_quantized(const std::string& op, const array& w, const array& scales,
                          const std::optional<array>& biases, const QuantParams& params);
/// Likewise for a matrix (two axes) or a stack of them (three) as a checkpoint stores it: affine
/// scales and biases have one floating-point type.
ShapeElem check_stored_matrices(const std::string& op, const array& w, const array& scales,
                                const std::optional<array>& biases, size_t axes,
                                const QuantParams& params);

/// The indices of gathered products as uint32 of one shape: given ones count the matrices of the
/// leading axes of `a` and `b`, missing ones take them in order.
std::pair<array, array> matrix_indices(const std::string& op, const array& a, const array& b,
                                       const std::optional<array>& lhs,
                                       const std::optional<array>& rhs, StreamOrDevice s);

}  // namespace mlxa::ops
