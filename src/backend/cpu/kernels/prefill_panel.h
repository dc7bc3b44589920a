// What the prefill families share: how much of W is repacked at a time.
//
// A panel is some columns of the result (rows of W) over a block of k, cut into tiles of two
// vectors of columns, each stored k by k. It stays in the L2 cache while the rows of x pass by, and
// is wide enough that each passing row is multiplied by many columns. Sums wait between blocks of
// k: of int8 products in y, of float32 ones, whose panels are V's own size, in scratch.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {

inline constexpr int kTileRows = 6;             // rows of x in registers beside two vectors of W
inline constexpr int64_t kBlockMultiple = 128;  // no group straddles blocks

/// The two vectors of a tile's row of y, where `columns` may be fewer than they hold.
template <class V>
struct TileRow {
  static void load(const float* y, int columns, typename V::F (&out)[2]) {
    if (columns == 2 * V::kFloats) {
      out[0] = V::load(y);
      out[1] = V::load(y + V::kFloats);
    } else {
      out[0] = V::load_first(y, columns);
      out[1] = V::load_first(y + V::kFloats, columns - V::kFloats);
    }
  }
  static void store(float* y, int columns, const typename V::F (&in)[2]) {
    if (columns == 2 * V::kFloats) {
      V::store(y, in[0]);
      V::store(y + V::kFloats, in[1]);
    } else {
      V::store_first(y, in[0], columns);
      V::store_first(y + V::kFloats, in[1], columns - V::kFloats);
    }
  }
};

}  // namespace mlxa::cpu
