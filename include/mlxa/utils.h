// Facts about shapes and types that operations share.
#pragma once

#include <string>
#include <vector>

#include "mlxa/array.h"

namespace mlxa {

/// The type that several arrays promote to.
inline Dtype result_type(const array& a, const array& b) {
  return promote_types(a.dtype(), b.dtype());
}
inline Dtype result_type(const array& a, const array& b, const array& c) {
  return promote_types(result_type(a, b), c.dtype());
}
/// bool for an empty list.
Dtype result_type(const std::vector<array>& arrays);

/// The shape that two shapes broadcast to: aligned at the last axis, 1 stretches. Throws
/// std::invalid_argument where they do not fit.
Shape broadcast_shapes(const Shape& s1, const Shape& s2);

/// The axis counted from 0, where negative counts from the end. Throws std::out_of_range, its
/// message after `msg_prefix`, outside [-ndim, ndim).
int normalize_axis_index(int axis, int ndim, const std::string& msg_prefix = "");

/// Limits of a floating-point type.
struct finfo {
  /// Throws std::invalid_argument for other types.
  explicit finfo(Dtype dtype);
  Dtype dtype;             ///< The type.
  int bits;                ///< Of one element.
  double min;              ///< Largest finite value, negated.
  double max;              ///< Largest finite value.
  double eps;              ///< Distance from 1 to the next larger value.
  double smallest_normal;  ///< Smallest positive value of full precision.
};

/// Limits of an integer type.
struct iinfo {
  /// Throws std::invalid_argument for other types.
  explicit iinfo(Dtype dtype);
  Dtype dtype;   ///< The type.
  int64_t min;   ///< Smallest value.
  uint64_t max;  ///< Largest value.
};

}  // namespace mlxa
