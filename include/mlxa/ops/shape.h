// Operations that rearrange elements: views, joins, cuts, padding.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "mlxa/array.h"

namespace mlxa {

/// The elements in C order under another shape; one axis may be -1, which takes what is left.
array reshape(const array& a, Shape shape, StreamOrDevice s = {});
/// One axis cut into several; -1 as for reshape.
array unflatten(const array& a, int axis, Shape shape, StreamOrDevice s = {});
/// The axes start_axis to end_axis merged into one; both are clamped to the array.
array flatten(const array& a, int start_axis, int end_axis = -1, StreamOrDevice s = {});
array flatten(const array& a, StreamOrDevice s = {});

/// Drops axes of length 1, all of them unless named. Throws std::invalid_argument for a longer
/// axis.
array squeeze(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
array squeeze(const array& a, int axis, StreamOrDevice s = {});
array squeeze(const array& a, StreamOrDevice s = {});
/// Adds axes of length 1 at these places of the result.
array expand_dims(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
array expand_dims(const array& a, int axis, StreamOrDevice s = {});

/// Axis i of the result is axis axes[i] of `a`; reversed if not given.
array transpose(const array& a, std::vector<int> axes, StreamOrDevice s = {});
inline array transpose(const array& a, std::initializer_list<int> axes, StreamOrDevice s = {}) {
  return transpose(a, std::vector<int>(axes), s);
}
array transpose(const array& a, StreamOrDevice s = {});
/// Swaps the last two axes. Throws std::invalid_argument below two dimensions.
array matrix_transpose(const array& a, StreamOrDevice s = {});
array swapaxes(const array& a, int axis1, int axis2, StreamOrDevice s = {});
array moveaxis(const array& a, int source, int destination, StreamOrDevice s = {});

/// Axes of length 1, and new leading ones, stretched. Throws std::invalid_argument if they do not
/// fit.
array broadcast_to(const array& a, const Shape& shape, StreamOrDevice s = {});
std::vector<array> broadcast_arrays(const std::vector<array>& inputs, StreamOrDevice s = {});

/// At least that many dimensions: [n] becomes [1, n] in two and [1, n, 1] in three.
array atleast_1d(const array& a, StreamOrDevice s = {});
std::vector<array> atleast_1d(const std::vector<array>& a, StreamOrDevice s = {});
array atleast_2d(const array& a, StreamOrDevice s = {});
std::vector<array> atleast_2d(const std::vector<array>& a, StreamOrDevice s = {});
array atleast_3d(const array& a, StreamOrDevice s = {});
std::vector<array> atleast_3d(const std::vector<array>& a, StreamOrDevice s = {});

/// Reversed along the axes, all of them unless named.
array flip(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
array flip(const array& a, int axis, StreamOrDevice s = {});
array flip(const array& a, StreamOrDevice s = {});

/// Elements moved by `shift` places, those that leave at the end return at the start. Without axes
/// the array counts as flat; several shifts go to the axes in order, or add up on one.
array roll(const array& a, int shift, StreamOrDevice s = {});
array roll(const array& a, const Shape& shift, StreamOrDevice s = {});
array roll(const array& a, int shift, int axis, StreamOrDevice s = {});
array roll(const array& a, int shift, const std::vector<int>& axes, StreamOrDevice s = {});
array roll(const array& a, const Shape& shift, int axis, StreamOrDevice s = {});
array roll(const array& a, const Shape& shift, const std::vector<int>& axes, StreamOrDevice s = {});

/// Each element `repeats` times in a row, along an axis or of the flat array.
array repeat(const array& arr, int repeats, int axis, StreamOrDevice s = {});
array repeat(const array& arr, int repeats, StreamOrDevice s = {});
/// The whole array reps[i] times along axis i, aligned at the last axis.
array tile(const array& arr, std::vector<int> reps, StreamOrDevice s = {});

/// Elements added before and after. `mode`: "constant" (pad_value, one element), "edge" (the first
/// and last), "reflect" (mirrored, the edge once), "symmetric" (mirrored, the edge twice).
array pad(const array& a, const std::vector<int>& axes, const Shape& low_pad_size,
          const Shape& high_pad_size, const array& pad_value = array(0),
          const std::string& mode = "constant", StreamOrDevice s = {});
array pad(const array& a, const std::vector<std::pair<int, int>>& pad_width,
          const array& pad_value = array(0), const std::string& mode = "constant",
          StreamOrDevice s = {});
array pad(const array& a, const std::pair<int, int>& pad_width, const array& pad_value = array(0),
          const std::string& mode = "constant", StreamOrDevice s = {});
array pad(const array& a, int pad_width, const array& pad_value = array(0),
          const std::string& mode = "constant", StreamOrDevice s = {});

/// Joined along an existing axis (flat if none is given) or, by stack, along a new one.
array concatenate(std::vector<array> arrays, int axis, StreamOrDevice s = {});
array concatenate(std::vector<array> arrays, StreamOrDevice s = {});
array stack(const std::vector<array>& arrays, int axis, StreamOrDevice s = {});
array stack(const std::vector<array>& arrays, StreamOrDevice s = {});

/// Cut into equal parts, or at the given indices (which clamp as slices do). Axis 0 unless named.
std::vector<array> split(const array& a, int num_splits, int axis, StreamOrDevice s = {});
std::vector<array> split(const array& a, int num_splits, StreamOrDevice s = {});
std::vector<array> split(const array& a, const Shape& indices, int axis, StreamOrDevice s = {});
std::vector<array> split(const array& a, const Shape& indices, StreamOrDevice s = {});
/// The parts of length 1 without the axis.
std::vector<array> unstack(const array& a, int axis, StreamOrDevice s = {});
std::vector<array> unstack(const array& a, StreamOrDevice s = {});

}  // namespace mlxa
