// Operations that place elements anew: joins, cuts, repeats, rolls, padding.
#include <algorithm>
#include <numeric>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

array flip(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  Shape start(a.ndim(), 0), stop = a.shape(), strides(a.ndim(), 1);
  for (int axis : checked_axes("flip", axes, a.ndim())) {
    const auto i = static_cast<size_t>(axis);
    start[i] = -1;
    stop[i] = -a.shape(axis) - 1;
    strides[i] = -1;
  }
  return slice(a, std::move(start), std::move(stop), std::move(strides), s);
}
array flip(const array& a, int axis, StreamOrDevice s) {
  return flip(a, std::vector<int>{axis}, s);
}
array flip(const array& a, StreamOrDevice s) { return flip(a, all_axes(a), s); }

array roll(const array& a, const Shape& shift, const std::vector<int>& axes, StreamOrDevice s) {
  if (shift.size() < axes.size()) {
    invalid("roll",
            std::to_string(shift.size()) + " shifts for " + std::to_string(axes.size()) + " axes");
  }
  array out = a;
  for (size_t i = 0; i < axes.size(); i++) {
    const int axis = checked_axis("roll", axes[i], a.ndim());
    const int64_t length = a.shape(axis);
    if (length == 0) continue;
    const int64_t places = ((shift[i] % length) + length) % length;
    if (places == 0) continue;
    const auto cut = static_cast<ShapeElem>(length - places);
    const std::vector<array> parts = split(out, Shape{cut}, axis, s);
    out = concatenate({parts[1], parts[0]}, axis, s);
  }
  return out;
}
array roll(const array& a, int shift, StreamOrDevice s) {
  return reshape(roll(flatten(a, s), Shape{shift}, std::vector<int>{0}, s), a.shape(), s);
}

namespace {

// Shifts along one axis add up; reduced by the length first, so that the sum cannot overflow.
ShapeElem total_shift(const Shape& shift, int64_t length) {
  int64_t total = 0;
  for (ShapeElem places : shift) total = (total + places) % std::max<int64_t>(length, 1);
  return static_cast<ShapeElem>(total);
}

}  // namespace

array roll(const array& a, const Shape& shift, StreamOrDevice s) {
  return roll(a, total_shift(shift, static_cast<int64_t>(a.size())), s);
}
array roll(const array& a, int shift, int axis, StreamOrDevice s) {
  return roll(a, Shape{shift}, std::vector<int>{axis}, s);
}
array roll(const array& a, int shift, const std::vector<int>& axes, StreamOrDevice s) {
  return roll(a, Shape(axes.size(), shift), axes, s);
}
array roll(const array& a, const Shape& shift, int axis, StreamOrDevice s) {
  const int along = checked_axis("roll", axis, a.ndim());
  return roll(a, Shape{total_shift(shift, a.shape(along))}, std::vector<int>{along}, s);
}

array repeat(const array& arr, int repeats, int axis, StreamOrDevice s) {
  axis = checked_axis("repeat", axis, arr.ndim());
  if (repeats < 0) invalid("repeat", std::to_string(repeats) + " repeats, expected 0 or more");
  if (repeats == 1) return arr;
  Shape shape = arr.shape();
  shape.insert(shape.begin() + axis + 1, repeats);
  const array wide = broadcast_to(expand_dims(arr, axis + 1, s), shape, s);
  return flatten(wide, axis, axis + 1, s);
}
array repeat(const array& arr, int repeats, StreamOrDevice s) {
  return repeat(flatten(arr, s), repeats, 0, s);
}

array tile(const array& arr, std::vector<int> reps, StreamOrDevice s) {
  check_shape("tile", reps);
  const size_t ndim = std::max(reps.size(), arr.ndim());
  reps.insert(reps.begin(), ndim - reps.size(), 1);
  Shape base = arr.shape();
  base.insert(base.begin(), ndim - base.size(), 1);
  // Each repeated axis becomes (repeats, length), stretched and merged again.
  Shape apart, wide, merged;
  for (size_t i = 0; i < ndim; i++) {
    if (reps[i] != 1) {
      apart.push_back(1);
      wide.push_back(reps[i]);
    }
    apart.push_back(base[i]);
    wide.push_back(base[i]);
    merged.push_back(dimension("tile", static_cast<int64_t>(reps[i]) * base[i]));
  }
  return reshape(broadcast_to(reshape(arr, apart, s), wide, s), merged, s);
}

namespace {

enum class PadMode { kEdge, kReflect, kSymmetric };

// Where a padded axis finds its elements in the axis of length n.
int32_t padded_source(PadMode mode, int64_t position, int64_t n) {
  if (mode == PadMode::kEdge) {
    return static_cast<int32_t>(std::clamp<int64_t>(position, 0, n - 1));
  }
  // Mirrored axes repeat: forth and back, the turning points once (reflect) or twice.
  const int64_t twice = mode == PadMode::kSymmetric ? 1 : 0;
  const int64_t period = std::max<int64_t>(2 * (n - 1 + twice), 1);
  const int64_t phase = ((position % period) + period) % period;
  return static_cast<int32_t>(phase < n ? phase : period - phase - twice);
}

array pad_by_index(const array& a, const std::vector<int>& axes, const Shape& low,
                   const Shape& high, PadMode mode, StreamOrDevice s) {
  array out = a;
  for (size_t i = 0; i < axes.size(); i++) {
    if (low[i] == 0 && high[i] == 0) continue;
    const int64_t n = a.shape(axes[i]);
    if (n == 0) invalid("pad", "an empty axis without a constant to pad it with");
    std::vector<int32_t> source;
    for (int64_t p = -low[i]; p < n + high[i]; p++) source.push_back(padded_source(mode, p, n));
    const array indices(source.begin(), Shape{static_cast<ShapeElem>(source.size())});
    out = take(out, indices, axes[i], s);
  }
  return out;
}

}  // namespace

array pad(const array& a, const std::vector<int>& axes, const Shape& low_pad_size,
          const Shape& high_pad_size, const array& pad_value, const std::string& mode,
          StreamOrDevice s) {
  if (axes.size() != low_pad_size.size() || axes.size() != high_pad_size.size()) {
    invalid("pad", "sizes for " + std::to_string(low_pad_size.size()) + " and " +
                       std::to_string(high_pad_size.size()) + " axes, expected " +
                       std::to_string(axes.size()));
  }
  checked_axes("pad", axes, a.ndim());
  std::vector<int> along;
  Shape shape = a.shape();
  for (size_t i = 0; i < axes.size(); i++) {
    along.push_back(checked_axis("pad", axes[i], a.ndim()));
    if (low_pad_size[i] < 0 || high_pad_size[i] < 0) {
      invalid("pad", "negative padding at axis " + std::to_string(along.back()));
    }
    ShapeElem& dim = shape[static_cast<size_t>(along.back())];
    dim = dimension("pad", int64_t{dim} + low_pad_size[i] + high_pad_size[i]);
  }
  if (mode == "edge") return pad_by_index(a, along, low_pad_size, high_pad_size, PadMode::kEdge, s);
  if (mode == "reflect") {
    return pad_by_index(a, along, low_pad_size, high_pad_size, PadMode::kReflect, s);
  }
  if (mode == "symmetric") {
    return pad_by_index(a, along, low_pad_size, high_pad_size, PadMode::kSymmetric, s);
  }
  if (mode != "constant") {
    invalid("pad", "mode '" + mode + "', expected constant, edge, reflect or symmetric");
  }
  if (pad_value.size() != 1) {
    invalid("pad", "a pad value of shape " + text(pad_value.shape()) + ", expected a scalar");
  }
  if (shape == a.shape()) return a;
  const array value = reshape(astype(pad_value, a.dtype(), s), {}, s);
  return make_node<Pad>(std::move(shape), a.dtype(), {a, value}, to_stream(s),
                        {std::move(along), low_pad_size, high_pad_size});
}
array pad(const array& a, const std::vector<std::pair<int, int>>& pad_width, const array& pad_value,
          const std::string& mode, StreamOrDevice s) {
  if (pad_width.size() != a.ndim()) {
    invalid("pad", "widths for " + std::to_string(pad_width.size()) + " axes, expected " +
                       std::to_string(a.ndim()));
  }
  Shape low, high;
  for (const auto& [before, after] : pad_width) {
    low.push_back(before);
    high.push_back(after);
  }
  return pad(a, all_axes(a), low, high, pad_value, mode, s);
}
array pad(const array& a, const std::pair<int, int>& pad_width, const array& pad_value,
          const std::string& mode, StreamOrDevice s) {
  return pad(a, std::vector<std::pair<int, int>>(a.ndim(), pad_width), pad_value, mode, s);
}
array pad(const array& a, int pad_width, const array& pad_value, const std::string& mode,
          StreamOrDevice s) {
  return pad(a, std::pair<int, int>{pad_width, pad_width}, pad_value, mode, s);
}

array concatenate(std::vector<array> arrays, int axis, StreamOrDevice s) {
  if (arrays.empty()) invalid("concatenate", "no arrays, expected one or more");
  axis = checked_axis("concatenate", axis, arrays[0].ndim());
  Shape shape = arrays[0].shape();
  const auto along = static_cast<size_t>(axis);
  int64_t length = 0;
  for (const array& a : arrays) {
    Shape fitting = a.shape();
    if (fitting.size() == shape.size()) {
      length += fitting[along];
      fitting[along] = shape[along];
    }
    if (fitting != shape) {
      invalid("concatenate", "shapes " + text(arrays[0].shape()) + " and " + text(a.shape()) +
                                 " differ outside of axis " + std::to_string(axis));
    }
  }
  shape[along] = dimension("concatenate", length);
  const Dtype dtype = result_type(arrays);
  if (arrays.size() == 1) return arrays[0];
  for (array& a : arrays) a = astype(std::move(a), dtype, s);
  return make_node<Concatenate>(std::move(shape), dtype, std::move(arrays), to_stream(s), {axis});
}
array concatenate(std::vector<array> arrays, StreamOrDevice s) {
  for (array& a : arrays) a = flatten(a, s);
  return concatenate(std::move(arrays), 0, s);
}

array stack(const std::vector<array>& arrays, int axis, StreamOrDevice s) {
  if (arrays.empty()) invalid("stack", "no arrays, expected one or more");
  axis = checked_axis("stack", axis, arrays[0].ndim() + 1);
  std::vector<array> parts;
  for (const array& a : arrays) {
    if (a.shape() != arrays[0].shape()) {
      invalid("stack", "shapes " + text(arrays[0].shape()) + " and " + text(a.shape()) +
                           ", expected equal ones");
    }
    parts.push_back(expand_dims(a, axis, s));
  }
  return concatenate(std::move(parts), axis, s);
}
array stack(const std::vector<array>& arrays, StreamOrDevice s) { return stack(arrays, 0, s); }

std::vector<array> split(const array& a, const Shape& indices, int axis, StreamOrDevice s) {
  axis = checked_axis("split", axis, a.ndim());
  const auto along = static_cast<size_t>(axis);
  Shape start(a.ndim(), 0), stop = a.shape();
  std::vector<array> parts;
  for (size_t i = 0; i <= indices.size(); i++) {
    stop[along] = i < indices.size() ? indices[i] : a.shape(axis);
    parts.push_back(slice(a, start, stop, s));
    start[along] = stop[along];
  }
  return parts;
}
std::vector<array> split(const array& a, const Shape& indices, StreamOrDevice s) {
  return split(a, indices, 0, s);
}
std::vector<array> split(const array& a, int num_splits, int axis, StreamOrDevice s) {
  axis = checked_axis("split", axis, a.ndim());
  if (num_splits <= 0) invalid("split", std::to_string(num_splits) + " parts, expected 1 or more");
  const int length = a.shape(axis);
  if (length % num_splits != 0) {
    invalid("split", "axis " + std::to_string(axis) + " of shape " + text(a.shape()) + " into " +
                         std::to_string(num_splits) + " equal parts");
  }
  Shape indices;
  for (int i = 1; i < num_splits; i++) indices.push_back(i * (length / num_splits));
  return split(a, indices, axis, s);
}
std::vector<array> split(const array& a, int num_splits, StreamOrDevice s) {
  return split(a, num_splits, 0, s);
}

std::vector<array> unstack(const array& a, int axis, StreamOrDevice s) {
  axis = checked_axis("unstack", axis, a.ndim());
  if (a.shape(axis) == 0) return {};
  std::vector<array> parts = split(a, a.shape(axis), axis, s);
  for (array& part : parts) part = squeeze(part, axis, s);
  return parts;
}
std::vector<array> unstack(const array& a, StreamOrDevice s) { return unstack(a, 0, s); }

}  // namespace mlxa
