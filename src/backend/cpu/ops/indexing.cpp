// Take, GatherAxis (take_along_axis) and ScatterAxis (put_along_axis). Indices may be of any
// integer dtype; negative ones count from the end, and one beyond the axis throws
// std::out_of_range.
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "backend/cpu/ops/copy.h"
#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/item.h"
#include "backend/cpu/ops/strided.h"
#include "backend/cpu/scratch.h"

namespace mlxa::cpu {
namespace {

constexpr int kIndexSlot = 0, kStrideSlot = 1;
constexpr size_t kMemcpyBytes = 64;  // from here on a call per row beats a loop over it

template <class T>
int64_t checked_index(T value, int64_t length, const char* op) {
  int64_t index;
  if constexpr (std::is_signed_v<T>) {
    index = value < 0 ? value + length : value;
  } else {
    index = static_cast<uint64_t>(value) < static_cast<uint64_t>(length)
                ? static_cast<int64_t>(value)
                : -1;
  }
  if (index < 0 || index >= length) {
    throw std::out_of_range("[" + std::string(op) + "] index " + std::to_string(value) +
                            " is out of range for an axis of " + std::to_string(length));
  }
  return index;
}

// The indices in C order, from 0 on, in this thread's scratch memory.
const int64_t* checked_indices(const array& indices, int64_t length, const char* op) {
  int64_t* out = scratch_of<int64_t>(kIndexSlot, indices.size());
  const StridedLoop<1> loop(indices.shape(), {indices.strides().data()});
  const int64_t stride = loop.inner_stride(0);
  detail::dispatch_all(indices.dtype(), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (kIsFloat<T>) {
      throw_unsupported(indices.dtype());
    } else {
      const T* values = indices.data<T>();
      loop.parallel_runs(kElementGrain, [&](int64_t position, const auto& at, int64_t count) {
        for (int64_t i = 0; i < count; i++) {
          out[position + i] = checked_index(values[at[0] + i * stride], length, op);
        }
      });
    }
  });
  return out;
}

// Strides of what checked_indices returns; it repeats along axes of length 1.
void index_strides(const array& indices, int64_t* strides) {
  int64_t behind = 1;
  for (size_t i = indices.ndim(); i-- > 0;) {
    strides[i] = indices.shape()[i] == 1 ? 0 : behind;
    behind *= indices.shape()[i];
  }
}

size_t axis_of(const array& source, int axis) {
  return static_cast<size_t>(axis < 0 ? axis + static_cast<int>(source.ndim()) : axis);
}

// What Take copies: for every position before the axis and every index, the elements behind it.
struct TakePlan {
  StridedLoop<1> before, behind;
  int64_t axis_stride;
  const int64_t* indices;
  int64_t index_count;

  TakePlan(const array& source, size_t axis, const array& index_array)
      : before(source.shape(), {source.strides().data()}, [=](size_t at) { return at >= axis; }),
        behind(source.shape(), {source.strides().data()}, [=](size_t at) { return at <= axis; }),
        axis_stride(source.strides()[axis]),
        indices(checked_indices(index_array, source.shape()[axis], "take")),
        index_count(static_cast<int64_t>(index_array.size())) {}
};

template <class T>
void copy_slice(const TakePlan& plan, const T* from, T* to) {
  const int64_t size = plan.behind.size(), stride = plan.behind.inner_stride(0);
  if (plan.behind.inner_length() == size && stride == 1) {
    if (static_cast<size_t>(size) * sizeof(T) >= kMemcpyBytes) {
      std::memcpy(to, from, static_cast<size_t>(size) * sizeof(T));
    } else {
      for (int64_t i = 0; i < size; i++) to[i] = from[i];
    }
    return;
  }
  plan.behind.runs(0, size, [&](int64_t position, const auto& at, int64_t count) {
    for (int64_t i = 0; i < count; i++) to[position + i] = from[at[0] + i * stride];
  });
}

void eval_take(const Primitive& primitive, std::span<const array> inputs,
               std::span<array> outputs) {
  const array& source = inputs[0];
  array& out = outputs[0];
  if (out.size() == 0) return;
  const TakePlan plan(source, axis_of(source, params_of<Take>(primitive).axis), inputs[1]);
  const int64_t slice = plan.behind.size();
  const int64_t grain = std::max<int64_t>(1, kElementGrain / slice);
  dispatch_item(source.itemsize(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = source.data<T>();
    T* to = out.data<T>();
    ThreadPool::instance().parallel_for(
        plan.before.size() * plan.index_count, grain, [&](int64_t begin, int64_t end) {
          while (begin < end) {
            const int64_t place = begin / plan.index_count, first = begin % plan.index_count;
            const int64_t count = std::min(plan.index_count - first, end - begin);
            plan.before.runs(place, place + 1, [&](int64_t, const auto& at, int64_t) {
              for (int64_t i = 0; i < count; i++) {
                copy_slice(plan, from + at[0] + plan.indices[first + i] * plan.axis_stride,
                           to + (begin + i) * slice);
              }
            });
            begin += count;
          }
        });
  });
}

void eval_gather_axis(const Primitive& primitive, std::span<const array> inputs,
                      std::span<array> outputs) {
  const array& source = inputs[0];
  const array& index_array = inputs[1];
  array& out = outputs[0];
  const size_t axis = axis_of(source, params_of<GatherAxis>(primitive).axis);
  const int64_t axis_stride = source.strides().at(axis);
  const int64_t* indices = checked_indices(index_array, source.shape()[axis], "take_along_axis");
  // Source and indices repeat along axes of length 1; along `axis` the index alone moves the
  // source.
  int64_t* source_strides = scratch_of<int64_t>(kStrideSlot, 2 * out.ndim());
  int64_t* at_strides = source_strides + out.ndim();
  index_strides(index_array, at_strides);
  for (size_t i = 0; i < out.ndim(); i++) {
    source_strides[i] = i == axis || source.shape()[i] == 1 ? 0 : source.strides()[i];
  }
  const StridedLoop<2> loop(out.shape(), {source_strides, at_strides});
  const int64_t source_step = loop.inner_stride(0), index_step = loop.inner_stride(1);
  dispatch_item(source.itemsize(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = source.data<T>();
    T* to = out.data<T>();
    loop.parallel_runs(kElementGrain, [&](int64_t position, const auto& at, int64_t count) {
      for (int64_t i = 0; i < count; i++) {
        const int64_t index = indices[at[1] + i * index_step];
        to[position + i] = from[at[0] + i * source_step + index * axis_stride];
      }
    });
  });
}

// Source, indices, values; the values of a line are written one after another, so that the last of
// several for one place stays there whatever the number of threads.
void eval_scatter_axis(const Primitive& primitive, std::span<const array> inputs,
                       std::span<array> outputs) {
  const array& index_array = inputs[1];
  const array& values = inputs[2];
  array& out = outputs[0];
  const size_t axis = axis_of(out, params_of<ScatterAxis>(primitive).axis);
  const int64_t* indices = checked_indices(index_array, out.shape()[axis], "put_along_axis");
  copy_to_contiguous(inputs[0], out.data<void>());
  int64_t* at_strides = scratch_of<int64_t>(kStrideSlot, out.ndim());
  index_strides(index_array, at_strides);
  const StridedLoop<3> lines(index_array.shape(),
                             {at_strides, values.strides().data(), out.strides().data()},
                             [=](size_t other) { return other == axis; });
  const int64_t length = index_array.shape()[axis], at_step = at_strides[axis];
  const int64_t value_step = values.strides()[axis], out_step = out.strides()[axis];
  const int64_t grain = std::max<int64_t>(1, kElementGrain / std::max<int64_t>(1, length));
  dispatch_item(out.itemsize(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = values.data<T>();
    T* to = out.data<T>();
    lines.parallel_runs(grain, [&](int64_t, const auto& at, int64_t count) {
      for (int64_t line = 0; line < count; line++) {
        const int64_t* places = indices + at[0] + line * lines.inner_stride(0);
        const T* line_values = from + at[1] + line * lines.inner_stride(1);
        T* target = to + at[2] + line * lines.inner_stride(2);
        for (int64_t i = 0; i < length; i++) {
          target[places[i * at_step] * out_step] = line_values[i * value_step];
        }
      }
    });
  });
}

}  // namespace

void add_indexing_ops(CpuOpTable& table) {
  table[OpKind::kTake].eval = eval_take;
  table[OpKind::kGatherAxis].eval = eval_gather_axis;
  table[OpKind::kScatterAxis].eval = eval_scatter_axis;
}

}  // namespace mlxa::cpu
