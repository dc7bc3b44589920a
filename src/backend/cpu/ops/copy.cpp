#include "backend/cpu/ops/copy.h"

#include <algorithm>
#include <cstring>

#include "array/node.h"
#include "backend/cpu/ops/item.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa::cpu {

void copy_strided(size_t item_bytes, const Shape& shape, const void* source,
                  const int64_t* source_strides, void* target, const int64_t* target_strides) {
  const StridedLoop<2> loop(shape, {source_strides, target_strides});
  const int64_t from_stride = loop.inner_stride(0), to_stride = loop.inner_stride(1);
  dispatch_item(item_bytes, [&](auto tag) {
    using T = decltype(tag);
    const T* from_base = static_cast<const T*>(source);
    T* to_base = static_cast<T*>(target);
    loop.parallel_runs(kElementGrain, [&](int64_t, const auto& at, int64_t count) {
      const T* from = from_base + at[0];
      T* to = to_base + at[1];
      if (to_stride == 1 && from_stride == 1) {
        std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
      } else if (to_stride == 1 && from_stride == 0) {
        std::fill_n(to, count, *from);
      } else {
        for (int64_t i = 0; i < count; i++) to[i * to_stride] = from[i * from_stride];
      }
    });
  });
}

void copy_to_contiguous(const array& in, void* target) {
  const Strides strides = row_major_strides(in.shape());
  copy_strided(in.itemsize(), in.shape(), in.data<void>(), in.strides().data(), target,
               strides.data());
}

}  // namespace mlxa::cpu
