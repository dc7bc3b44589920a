// Keys and values in scattered blocks, for tests of the attention over them.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>

#include "array/fast/engine_ops.h"
#include "backend/fused_fixture.h"

namespace mlxa::test {

/// Sequences of different lengths in scattered blocks. Blocks that nobody uses hold NaN.
struct Cache {
  int batch, heads, block_size, max_blocks, dim, value_dim;
  array keys, values, table;

  Cache(int batch, int heads, int block_size, int max_blocks, int dim, int value_dim, Dtype dtype)
      : batch(batch),
        heads(heads),
        block_size(block_size),
        max_blocks(max_blocks),
        dim(dim),
        value_dim(value_dim),
        keys(empty(dim, dtype)),
        values(empty(value_dim, dtype)),
        table(array::uninitialized({batch, max_blocks}, int32)) {
    std::vector<int32_t> order(size_t(batch) * max_blocks + 3);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(7));
    std::copy_n(order.begin(), table.size(), table.data<int32_t>());
  }

  array empty(int width, Dtype dtype) const {
    const Shape shape{batch * max_blocks + 3, heads, block_size, width};
    array out = array::uninitialized(shape, dtype);
    detail::dispatch_all(dtype, [&](auto tag) {
      using T = decltype(tag);
      std::fill_n(out.data<T>(), out.size(),
                  static_cast<T>(std::numeric_limits<float>::quiet_NaN()));
    });
    return out;
  }

  void append(const array& k, const array& v, const array& offsets) {
    keys = fast::kv_append(keys, k, table, offsets);
    values = fast::kv_append(values, v, table, offsets);
    eval(keys, values);
  }
};

/// Positions [begin, end) of axis 2 of a float32 array, copied.
inline array positions(const array& a, int begin, int end) {
  const int outer = a.shape(0) * a.shape(1), length = a.shape(2), dim = a.shape(3);
  array out = array::uninitialized({a.shape(0), a.shape(1), end - begin, dim}, float32);
  for (int i = 0; i < outer; i++) {
    const float* from = a.data<float>() + (size_t(i) * length + begin) * dim;
    std::copy_n(from, size_t(end - begin) * dim,
                out.data<float>() + size_t(i) * (end - begin) * dim);
  }
  return out;
}

/// int32 [batch], all `value`.
inline array constant(int batch, int value) {
  const std::vector<int32_t> all(batch, value);
  return array(all.begin(), {batch}, int32);
}

}  // namespace mlxa::test
