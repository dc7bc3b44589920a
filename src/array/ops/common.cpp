#include "array/ops/common.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace mlxa::ops {

void invalid(const std::string& op, const std::string& what) {
  throw std::invalid_argument("[" + op + "] " + what);
}

std::string text(const Shape& shape) {
  std::string out = "(";
  for (size_t i = 0; i < shape.size(); i++) {
    if (i > 0) out += ',';
    out += std::to_string(shape[i]);
  }
  return out += ')';
}

std::string text(const Dtype& dtype) { return std::string(dtype_name(dtype)); }

int checked_axis(const std::string& op, int axis, size_t ndim) {
  return normalize_axis_index(axis, static_cast<int>(ndim), "[" + op + "] ");
}

std::vector<int> checked_axes(const std::string& op, const std::vector<int>& axes, size_t ndim) {
  std::vector<int> out;
  for (int axis : axes) out.push_back(checked_axis(op, axis, ndim));
  std::sort(out.begin(), out.end());
  if (auto twice = std::adjacent_find(out.begin(), out.end()); twice != out.end()) {
    invalid(op, "axis " + std::to_string(*twice) + " named twice");
  }
  return out;
}

std::vector<int> all_axes(const array& a) {
  std::vector<int> axes(a.ndim());
  for (size_t i = 0; i < axes.size(); i++) axes[i] = static_cast<int>(i);
  return axes;
}

void check_shape(const std::string& op, const Shape& shape) {
  for (ShapeElem dim : shape) {
    if (dim < 0) invalid(op, "negative dimension in shape " + text(shape));
  }
}

void check_indices(const std::string& op, const array& indices) {
  if (!is_integer(indices.dtype())) {
    invalid(op, "indices of type " + text(indices.dtype()) + ", expected integers");
  }
}

ShapeElem dimension(const std::string& op, int64_t length) {
  constexpr int64_t kLongest = std::numeric_limits<ShapeElem>::max();
  if (length < 0 || length > kLongest) {
    invalid(op, "dimension " + std::to_string(length) + ", expected at most " +
                    std::to_string(kLongest));
  }
  return static_cast<ShapeElem>(length);
}

std::pair<array, array> matched(const array& a, const array& b, Dtype dtype, StreamOrDevice s) {
  const Shape shape = broadcast_shapes(a.shape(), b.shape());
  return {broadcast_to(astype(a, dtype, s), shape, s), broadcast_to(astype(b, dtype, s), shape, s)};
}

std::vector<int> axes_last(const std::vector<int>& axes, size_t ndim) {
  std::vector<int> order;
  for (int i = 0; i < static_cast<int>(ndim); i++) {
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) order.push_back(i);
  }
  order.insert(order.end(), axes.begin(), axes.end());
  return order;
}

array gathered_last(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  const array moved = transpose(a, axes_last(axes, a.ndim()), s);
  const auto kept = static_cast<std::ptrdiff_t>(a.ndim() - axes.size());
  Shape shape(moved.shape().begin(), moved.shape().begin() + kept);
  int64_t length = 1;
  for (int axis : axes) length *= a.shape(axis);
  shape.push_back(dimension("reshape", length));
  return reshape(moved, shape, s);
}

Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims) {
  Shape out;
  for (int i = 0; i < static_cast<int>(shape.size()); i++) {
    const bool reduced = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!reduced) out.push_back(shape[static_cast<size_t>(i)]);
    if (reduced && keepdims) out.push_back(1);
  }
  return out;
}

std::pair<array, array> matrix_indices(const std::string& op, const array& a, const array& b,
                                       const std::optional<array>& lhs,
                                       const std::optional<array>& rhs, StreamOrDevice s) {
  auto given_or_all = [&](const std::optional<array>& given, const array& matrices) {
    if (given) {
      check_indices(op, *given);
      return astype(*given, uint32, s);
    }
    const Shape batch(matrices.shape().begin(), matrices.shape().end() - 2);
    double count = 1;
    for (ShapeElem dim : batch) count *= dim;
    return reshape(arange(count, uint32, s), batch, s);
  };
  std::vector<array> both = broadcast_arrays({given_or_all(lhs, a), given_or_all(rhs, b)}, s);
  return {both[0], both[1]};
}

}  // namespace mlxa::ops
