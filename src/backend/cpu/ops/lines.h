// Ops along one axis see their input as lines: the elements along the axis, for every position of
// the other axes.
#pragma once

#include <algorithm>

#include "backend/cpu/ops/strided.h"

namespace mlxa::cpu {

/// The lines of an input and of a row-contiguous output that has its shape, or the same with the
/// axis shortened to 1. Valid while both arrays are.
class Lines {
 public:
  Lines(const array& in, const array& out, int axis)
      : axis_(static_cast<size_t>(axis < 0 ? axis + static_cast<int>(in.ndim()) : axis)),
        length_(in.ndim() ? in.shape()[axis_] : 1),
        in_stride_(in.ndim() ? in.strides()[axis_] : 1),
        out_stride_(in.ndim() ? out.strides()[axis_] : 1),
        loop_(in.shape(), {in.strides().data(), out.strides().data()},
              [this](size_t other) { return other == axis_; }) {}

  int64_t length() const { return length_; }
  int64_t in_stride() const { return in_stride_; }
  int64_t out_stride() const { return out_stride_; }

  /// Calls fn(offset of the line in the input, in the output), in parallel.
  template <class F>
  void for_each(F&& fn) const {
    const int64_t grain = std::max<int64_t>(1, kMathGrain / std::max<int64_t>(1, length_));
    const int64_t in_step = loop_.inner_stride(0), out_step = loop_.inner_stride(1);
    loop_.parallel_runs(grain, [&](int64_t, const auto& at, int64_t count) {
      for (int64_t i = 0; i < count; i++) fn(at[0] + i * in_step, at[1] + i * out_step);
    });
  }

 private:
  size_t axis_;
  int64_t length_, in_stride_, out_stride_;
  StridedLoop<2> loop_;
};

}  // namespace mlxa::cpu
