// What decode with int8 activations keeps in memory: the rows of x as it reads them, and a thread's
// scratch.
#pragma once

#include <cstdint>

#include "backend/cpu/kernels/decode_block.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// How far ahead of the products the codes are fetched, in bytes: rows follow each other in memory,
/// and the hardware's own prefetchers stop at page ends.
inline constexpr int64_t kFetchAhead = 16384;

/// Rows of x that share the unpacking of W.
inline constexpr int64_t kSharingRows = 16;

/// Rows of x as decode reads them, in panels of up to kSharingRows: a panel of `rows` rows holds
/// its blocks [block][rows], then what the biases multiply [rows][groups].
template <class V>
struct ArrangedRows {
  using Block = DecodeBlock<V>;
  using Row = typename Block::Row;

  int64_t k, shift, groups;  // 2^shift groups of x to one of W, which has `groups`, padded
  ArrangedRows(const QuantizedMatrix& w)
      : k(w.k),
        shift(w.group_size == V::kGroup       ? 0
              : w.group_size == 2 * V::kGroup ? 1
                                              : 2),
        groups(expanded_groups(w.k / w.group_size)) {}

  int64_t bytes() const {
    const auto row = static_cast<int64_t>(sizeof(Row));
    return Block::count(k) * row + groups * static_cast<int64_t>(sizeof(float));
  }
  /// Bytes of a row, whatever the weights' groups.
  static constexpr size_t most_bytes(int64_t k) {
    return Block::count(k) * sizeof(Row) + expanded_groups(k / V::kGroup) * sizeof(float);
  }
  Row* blocks(void* arranged, int64_t panel) const {
    return reinterpret_cast<Row*>(static_cast<uint8_t*>(arranged) + panel * bytes());
  }
  float* sums(Row* blocks, int64_t rows) const {
    return reinterpret_cast<float*>(blocks + rows * Block::count(k));
  }

  /// Rows [from, to) of the `rows` of x.
  void arrange(const Int8Rows& x, int64_t rows, int64_t from, int64_t to, void* arranged) const {
    for (int64_t row = from; row < to; ++row) {
      const int64_t panel = row / kSharingRows * kSharingRows, number = row - panel;
      const int64_t count = rows - panel < kSharingRows ? rows - panel : kSharingRows;
      Row* out = blocks(arranged, panel);
      for (int64_t b = 0; b < Block::count(k); ++b) {
        Block::load(x, k, row, b, out[b * count + number]);
      }
      sum_by_factor(x.sums + row * (k / V::kGroup), sums(out, count) + number * groups);
    }
  }

 private:
  void sum_by_factor(const float* __restrict x, float* __restrict sums) const {
    const int64_t used = k / V::kGroup >> shift;
    if (shift == 0) {
      for (int64_t g = 0; g < used; ++g) sums[g] = x[g];
    } else if (shift == 1) {
      for (int64_t g = 0; g < used; ++g) sums[g] = x[2 * g] + x[2 * g + 1];
    } else {
      for (int64_t g = 0; g < used; ++g) {
        sums[g] = (x[4 * g] + x[4 * g + 1]) + (x[4 * g + 2] + x[4 * g + 3]);
      }
    }
    for (int64_t g = used; g < groups; ++g) sums[g] = 0.0f;
  }
};

/// What a thread keeps in the caller's scratch.
template <class V>
struct DecodeSpace {
  using Block = DecodeBlock<V>;
  static constexpr int64_t kTile = 16;  // rows of W at once
  struct Sums {
    alignas(64) float of[kSharingRows][V::kFloats];
  };

  Sums* sums;      // [kTile]
  uint8_t* codes;  // a block, padded
  float* scales;   // [kTile][groups]
  float* biases;   // [kTile][groups]
  void* arranged;  // rows of x that come without
  int64_t groups;  // expanded_groups of a row of W

  const uint8_t** fetched;  // where the last call's codes ended: what follows was asked for

  static constexpr size_t kCodeBytes = Block::kCodes, kFetchedBytes = 64;

  static size_t bytes(int64_t k) {
    return kFetchedBytes + kTile * sizeof(Sums) + kCodeBytes +
           2 * kTile * expanded_groups(k / V::kGroup) * sizeof(float) +
           kSharingRows * ArrangedRows<V>::most_bytes(k);
  }
  DecodeSpace(void* scratch, int64_t groups_of_w) : groups(groups_of_w) {
    fetched = static_cast<const uint8_t**>(scratch);
    sums = reinterpret_cast<Sums*>(static_cast<uint8_t*>(scratch) + kFetchedBytes);
    codes = reinterpret_cast<uint8_t*>(sums + kTile);
    scales = reinterpret_cast<float*>(codes + kCodeBytes);
    biases = scales + kTile * groups;
    arranged = biases + kTile * groups;
  }
};

}  // namespace mlxa::cpu
