// Operations that pick elements: slices, indices, conditions, diagonals.
#pragma once

#include <initializer_list>
#include <vector>

#include "mlxa/array.h"

namespace mlxa {

/// a[start:stop:stride] per axis with Python's rules: negative counts from the end, out of range
/// clamps. Throws std::invalid_argument unless there is one value per axis and no stride is 0.
array slice(const array& a, Shape start, Shape stop, Shape strides, StreamOrDevice s = {});
inline array slice(const array& a, std::initializer_list<int> start, Shape stop, Shape strides,
                   StreamOrDevice s = {}) {
  return slice(a, Shape(start), std::move(stop), std::move(strides), s);
}
array slice(const array& a, Shape start, Shape stop, StreamOrDevice s = {});

/// `src` with `update`, broadcast and converted, in place of the slice.
array slice_update(const array& src, const array& update, Shape start, Shape stop, Shape strides,
                   StreamOrDevice s = {});
array slice_update(const array& src, const array& update, Shape start, Shape stop,
                   StreamOrDevice s = {});

/// The slices of an axis (of the flat array if none is given) at integer indices, whose shape takes
/// the axis's place. Negative indices count from the end; indices outside are the caller's error
/// and throw std::out_of_range at evaluation where the device can tell.
array take(const array& a, const array& indices, int axis, StreamOrDevice s = {});
array take(const array& a, const array& indices, StreamOrDevice s = {});
/// One index: the axis goes away. Throws std::out_of_range for an index outside.
array take(const array& a, int index, int axis, StreamOrDevice s = {});
array take(const array& a, int index, StreamOrDevice s = {});
/// result[.., i, ..] = a[.., indices[.., i, ..], ..] at `axis`; the other axes broadcast.
array take_along_axis(const array& a, const array& indices, int axis, StreamOrDevice s = {});
/// `a` with result[.., indices[.., i, ..], ..] = values[.., i, ..] at `axis`; the other axes
/// broadcast, and the values, which take the type of `a`, to the indices. Where an index comes
/// twice, the later value counts. Throws std::invalid_argument unless `a` and the indices have as
/// many dimensions; indices as in take.
array put_along_axis(const array& a, const array& indices, const array& values, int axis,
                     StreamOrDevice s = {});

/// x where the condition holds, else y; all broadcast.
array where(const array& condition, const array& x, const array& y, StreamOrDevice s = {});

/// The elements with axis2's index = axis1's + offset, as a new last axis.
array diagonal(const array& a, int offset = 0, int axis1 = 0, int axis2 = 1, StreamOrDevice s = {});
/// Of a matrix its k-th diagonal, of a vector the matrix that has it there.
array diag(const array& a, int k = 0, StreamOrDevice s = {});
/// The sum of a diagonal; without `dtype` in the type that sum gives.
array trace(const array& a, int offset, int axis1, int axis2, Dtype dtype, StreamOrDevice s = {});
array trace(const array& a, int offset, int axis1, int axis2, StreamOrDevice s = {});
array trace(const array& a, StreamOrDevice s = {});

}  // namespace mlxa
