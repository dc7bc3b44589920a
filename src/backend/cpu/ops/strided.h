// The one way in which general ops walk over strided operands.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>

#include "mlxa/array.h"

#include "base/thread_pool.h"

namespace mlxa::cpu {

/// Elements per piece of a parallel loop of cheap work: below it a loop stays on its thread.
inline constexpr int64_t kElementGrain = 16384;
/// The same for work of tens of cycles per element.
inline constexpr int64_t kMathGrain = 4096;

/// N operands of one shape, walked in C order. Axes of length 1 are dropped and axes that behave as
/// one for every operand are merged, so that contiguous operands become a single run.
template <size_t N>
class StridedLoop {
 public:
  using Offsets = std::array<int64_t, N>;

  /// Strides are in elements, one list per operand, each as long as the shape.
  StridedLoop(const Shape& shape, const std::array<const int64_t*, N>& strides)
      : StridedLoop(shape, strides, [](size_t) { return false; }) {}

  /// The same over the axes that left_out(axis) does not name.
  template <class LeftOut>
  StridedLoop(const Shape& shape, const std::array<const int64_t*, N>& strides,
              LeftOut&& left_out) {
    for (size_t axis = 0; axis < shape.size(); axis++) {
      if (left_out(axis)) continue;
      const int64_t length = shape[axis];
      size_ *= length;
      if (length == 1) continue;
      if (ndim_ > 0 && merges(strides, axis, length)) {
        shape_[ndim_ - 1] *= length;
        ndim_--;
      } else if (ndim_ == kMaxDims) {
        throw std::invalid_argument("[eval] an array with too many axes that cannot be merged");
      } else {
        shape_[ndim_] = length;
      }
      for (size_t k = 0; k < N; k++) strides_[k][ndim_] = strides[k][axis];
      ndim_++;
    }
    if (ndim_ == 0) {
      shape_[0] = 1;
      for (size_t k = 0; k < N; k++) strides_[k][0] = 1;
      ndim_ = 1;
    }
  }

  int64_t size() const { return size_; }
  /// Length of the innermost axis, and what one step along it adds to operand k.
  int64_t inner_length() const { return shape_[ndim_ - 1]; }
  int64_t inner_stride(size_t k) const { return strides_[k][ndim_ - 1]; }

  /// Calls fn(position, offsets, count) for the runs along the innermost axis that make up the
  /// elements [begin, end): `offsets` are those of the run's first element, in elements.
  template <class F>
  void runs(int64_t begin, int64_t end, F&& fn) const {
    if (begin >= end) return;
    const int last = ndim_ - 1;
    int64_t coords[kMaxDims];
    Offsets base{};
    int64_t inner = begin % shape_[last], rest = begin / shape_[last];
    for (int axis = last - 1; axis >= 0; axis--) {
      coords[axis] = rest % shape_[axis];
      rest /= shape_[axis];
      for (size_t k = 0; k < N; k++) base[k] += coords[axis] * strides_[k][axis];
    }
    while (true) {
      const int64_t left = shape_[last] - inner;
      const int64_t count = left < end - begin ? left : end - begin;
      Offsets at = base;
      for (size_t k = 0; k < N; k++) at[k] += inner * strides_[k][last];
      fn(begin, at, count);
      begin += count;
      if (begin >= end) return;
      inner = 0;
      for (int axis = last - 1; axis >= 0; axis--) {
        for (size_t k = 0; k < N; k++) base[k] += strides_[k][axis];
        if (++coords[axis] < shape_[axis]) break;
        for (size_t k = 0; k < N; k++) base[k] -= shape_[axis] * strides_[k][axis];
        coords[axis] = 0;
      }
    }
  }

  /// runs() over everything, in parallel pieces of at least about `grain` elements.
  template <class F>
  void parallel_runs(int64_t grain, F&& fn) const {
    ThreadPool::instance().parallel_for(size_, grain,
                                        [&](int64_t begin, int64_t end) { runs(begin, end, fn); });
  }

 private:
  // Far above what arrays have: an array with more unmergeable axes has more than 2^32 elements.
  static constexpr int kMaxDims = 32;

  bool merges(const std::array<const int64_t*, N>& strides, size_t axis, int64_t length) const {
    for (size_t k = 0; k < N; k++) {
      if (strides_[k][ndim_ - 1] != strides[k][axis] * length) return false;
    }
    return true;
  }

  int ndim_ = 0;
  int64_t size_ = 1;
  int64_t shape_[kMaxDims];
  int64_t strides_[N][kMaxDims];
};

/// Strides that show `in` under `shape`, to which it broadcasts: 0 along the axes it lacks.
Strides broadcast_strides(const array& in, const Shape& shape);

/// broadcast_strides, or the operand's own where its shape is `shape` already, which allocates
/// nothing. Must not outlive `in`.
class OperandStrides {
 public:
  OperandStrides(const array& in, const Shape& shape)
      : own_(in.shape() == shape ? Strides{} : broadcast_strides(in, shape)),
        data_(in.shape() == shape ? in.strides().data() : own_.data()) {}
  OperandStrides(const OperandStrides&) = delete;
  OperandStrides& operator=(const OperandStrides&) = delete;
  const int64_t* data() const { return data_; }

 private:
  Strides own_;
  const int64_t* data_;
};

}  // namespace mlxa::cpu
