// View ops: outputs that are the input's memory under other strides.
#include <optional>
#include <stdexcept>
#include <string>

#include "array/node.h"

namespace mlxa {
namespace {

// Strides that show `in`'s elements, in C order, under another shape; nothing if elements must
// move.
std::optional<Strides> reshape_strides(const array& in, const Shape& shape) {
  if (in.size() == 0 || in.flags().row_contiguous) return row_major_strides(shape);
  // Merge the input's axes into runs that behave as one, then cut the runs into the output's axes.
  std::vector<std::pair<int64_t, int64_t>> runs;  // length, stride of the innermost axis
  for (size_t i = 0; i < in.ndim(); i++) {
    const int64_t length = in.shape(static_cast<int>(i)), stride = in.strides()[i];
    if (length == 1) continue;
    if (!runs.empty() && runs.back().second == length * stride) {
      runs.back() = {runs.back().first * length, stride};
    } else {
      runs.emplace_back(length, stride);
    }
  }
  Strides strides(shape.size(), 1);
  size_t axis = shape.size();
  for (size_t r = runs.size(); r-- > 0;) {
    int64_t left = runs[r].first, stride = runs[r].second;
    while (left > 1) {
      if (axis == 0) return std::nullopt;
      const int64_t dim = shape[--axis];
      if (dim == 1) continue;
      if (left % dim != 0) return std::nullopt;
      strides[axis] = stride;
      stride *= dim;
      left /= dim;
    }
  }
  return strides;
}

void view_with(const array& in, ArrayDesc& out, Strides strides, int64_t element_offset = 0) {
  const int64_t bytes = in.offset() + element_offset * static_cast<int64_t>(in.itemsize());
  size_t covered = out.size == 0 ? 0 : 1;
  for (size_t i = 0; i < strides.size() && out.size > 0; i++) {
    if (strides[i] != 0) covered *= static_cast<size_t>(out.shape[i]);
  }
  out.set_view(in.buffer(), bytes, std::move(strides), covered);
}

void transpose_view(const array& in, const std::vector<int>& axes, ArrayDesc& out) {
  Strides strides(axes.size());
  for (size_t i = 0; i < axes.size(); i++) strides[i] = in.strides(axes[i]);
  view_with(in, out, std::move(strides));
}

void expand_view(const array& in, const std::vector<int>& axes, ArrayDesc& out) {
  Strides strides = in.strides();
  for (int axis : axes) strides.insert(strides.begin() + axis, 1);
  view_with(in, out, std::move(strides));
}

void squeeze_view(const array& in, const std::vector<int>& axes, ArrayDesc& out) {
  Strides strides;
  for (int i = 0; i < static_cast<int>(in.ndim()); i++) {
    bool dropped = false;
    for (int axis : axes) dropped |= axis == i;
    if (!dropped) strides.push_back(in.strides(i));
  }
  view_with(in, out, std::move(strides));
}

void broadcast_view(const array& in, ArrayDesc& out) {
  Strides strides(out.shape.size(), 0);
  const size_t lead = out.shape.size() - in.ndim();
  for (size_t i = 0; i < in.ndim(); i++) {
    const int axis = static_cast<int>(i);
    strides[lead + i] = in.shape(axis) == 1 && out.shape[lead + i] != 1 ? 0 : in.strides(axis);
  }
  view_with(in, out, std::move(strides));
}

void slice_view(const array& in, const SliceParams& params, ArrayDesc& out) {
  Strides strides(in.ndim());
  int64_t first = 0;
  for (size_t i = 0; i < in.ndim(); i++) {
    const int64_t stride = in.strides()[i];
    strides[i] = stride * params.strides[i];
    if (out.size > 0) first += stride * params.start[i];
  }
  view_with(in, out, std::move(strides), first);
}

}  // namespace

bool resolve_view(const Primitive& primitive, const array& input, ArrayDesc& out) {
  switch (primitive.kind()) {
    case OpKind::kReshape: {
      auto strides = reshape_strides(input, out.shape);
      if (!strides) return false;
      view_with(input, out, std::move(*strides));
      return true;
    }
    case OpKind::kTranspose:
      transpose_view(input, params_of<Transpose>(primitive).axes, out);
      return true;
    case OpKind::kExpandDims:
      expand_view(input, params_of<ExpandDims>(primitive).axes, out);
      return true;
    case OpKind::kSqueeze:
      squeeze_view(input, params_of<Squeeze>(primitive).axes, out);
      return true;
    case OpKind::kBroadcast:
      broadcast_view(input, out);
      return true;
    case OpKind::kSlice:
      slice_view(input, params_of<Slice>(primitive), out);
      return true;
    case OpKind::kAsStrided: {
      const auto& params = params_of<AsStrided>(primitive);
      view_with(input, out, params.strides, params.offset);
      return true;
    }
    case OpKind::kContiguous:
      if (!input.flags().row_contiguous) return false;
      view_with(input, out, row_major_strides(out.shape));
      return true;
    case OpKind::kStopGradient:
      view_with(input, out, input.strides());
      return true;
    default:
      throw std::logic_error("[eval] not a view: " + std::string(primitive.name()));
  }
}

}  // namespace mlxa
