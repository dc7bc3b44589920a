// Operations that make arrays and change their element type or layout.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mlxa/array.h"

namespace mlxa {

/// start, start + step, ... below (for a negative step: above) stop. Integers without a dtype give
/// int32, doubles float32. Throws std::invalid_argument for a zero step, bool, or more elements
/// than an axis holds.
array arange(double start, double stop, double step, Dtype dtype, StreamOrDevice s = {});
array arange(double start, double stop, double step, StreamOrDevice s = {});
array arange(double start, double stop, Dtype dtype, StreamOrDevice s = {});
array arange(double start, double stop, StreamOrDevice s = {});
array arange(double stop, Dtype dtype, StreamOrDevice s = {});
array arange(double stop, StreamOrDevice s = {});
array arange(int start, int stop, int step, StreamOrDevice s = {});
array arange(int start, int stop, StreamOrDevice s = {});
array arange(int stop, StreamOrDevice s = {});

/// `num` evenly spaced values from start to stop, stop itself only with `endpoint`.
array linspace(double start, double stop, int num, bool endpoint, Dtype dtype = float32,
               StreamOrDevice s = {});
inline array linspace(double start, double stop, int num = 50, Dtype dtype = float32,
                      StreamOrDevice s = {}) {
  return linspace(start, stop, num, true, dtype, s);
}

/// `vals` broadcast to `shape`, in memory of its own.
array full(Shape shape, array vals, Dtype dtype, StreamOrDevice s = {});
array full(Shape shape, array vals, StreamOrDevice s = {});
template <Scalar T>
array full(Shape shape, T val, Dtype dtype, StreamOrDevice s = {}) {
  return full(std::move(shape), array(val, dtype), s);
}
template <Scalar T>
array full(Shape shape, T val, StreamOrDevice s = {}) {
  return full(std::move(shape), array(val), s);
}
/// The same with the shape, and unless told otherwise the dtype, of `a`.
array full_like(const array& a, array vals, Dtype dtype, StreamOrDevice s = {});
array full_like(const array& a, array vals, StreamOrDevice s = {});
template <Scalar T>
array full_like(const array& a, T val, Dtype dtype, StreamOrDevice s = {}) {
  return full_like(a, array(val, dtype), dtype, s);
}
template <Scalar T>
array full_like(const array& a, T val, StreamOrDevice s = {}) {
  return full_like(a, array(val, a.dtype()), s);
}

/// Filled with 0 or 1; the `_like` forms take a's shape, and its type unless told otherwise.
array zeros(const Shape& shape, Dtype dtype, StreamOrDevice s = {});
inline array zeros(const Shape& shape, StreamOrDevice s = {}) { return zeros(shape, float32, s); }
array zeros_like(const array& a, StreamOrDevice s = {});
array zeros_like(const array& a, Dtype dtype, StreamOrDevice s = {});
array ones(const Shape& shape, Dtype dtype, StreamOrDevice s = {});
inline array ones(const Shape& shape, StreamOrDevice s = {}) { return ones(shape, float32, s); }
array ones_like(const array& a, StreamOrDevice s = {});
array ones_like(const array& a, Dtype dtype, StreamOrDevice s = {});

/// [n, m] with ones where column = row + k.
array eye(int n, int m, int k, Dtype dtype, StreamOrDevice s = {});
inline array eye(int n, Dtype dtype, StreamOrDevice s = {}) { return eye(n, n, 0, dtype, s); }
inline array eye(int n, int m, StreamOrDevice s = {}) { return eye(n, m, 0, float32, s); }
inline array eye(int n, int m, int k, StreamOrDevice s = {}) { return eye(n, m, k, float32, s); }
inline array eye(int n, StreamOrDevice s = {}) { return eye(n, n, 0, float32, s); }
array identity(int n, Dtype dtype, StreamOrDevice s = {});
inline array identity(int n, StreamOrDevice s = {}) { return identity(n, float32, s); }

/// [n, m] with ones where column <= row + k.
array tri(int n, int m, int k, Dtype type, StreamOrDevice s = {});
inline array tri(int n, Dtype type, StreamOrDevice s = {}) { return tri(n, n, 0, type, s); }
/// `x` with zeros where column > row + k (tril), column < row + k (triu), in its last two axes.
array tril(array x, int k = 0, StreamOrDevice s = {});
array triu(array x, int k = 0, StreamOrDevice s = {});

/// Coordinates of the grid that the (flattened) arrays span: axis i follows array i, with "xy" the
/// first two swapped. `sparse` leaves the other axes at 1.
std::vector<array> meshgrid(const std::vector<array>& arrays, bool sparse = false,
                            const std::string& indexing = "xy", StreamOrDevice s = {});

/// The values converted, the array itself if it has the type already.
array astype(array a, Dtype dtype, StreamOrDevice s = {});
/// The bytes read as another type; the last axis grows or shrinks by the ratio of the sizes.
array view(const array& a, const Dtype& dtype, StreamOrDevice s = {});
/// A node of its own with the same values.
array copy(array a, StreamOrDevice s = {});
/// The same values in C order without gaps; no copy where they lie so. Column-major memory, which
/// `allow_col_major` would accept, is reordered too.
array contiguous(const array& a, bool allow_col_major = false, StreamOrDevice s = {});
/// The elements of `a` in C order seen with any strides (in elements). Throws std::invalid_argument
/// where they reach outside of `a`.
array as_strided(array a, Shape shape, Strides strides, size_t offset, StreamOrDevice s = {});
/// The same values, through which no gradient flows.
array stop_gradient(const array& a, StreamOrDevice s = {});

}  // namespace mlxa
