// Decode family with dense weights: W is read once, in place, for up to kSharingRows rows of x.
//
// An element is the sum of two chains of fused multiply-adds, whose order is that of the row,
// whatever runs beside it. V as in decode_fast.h.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/decode_fast.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// What a thread keeps in the caller's scratch.
template <class V>
struct DenseSpace {
  static constexpr int64_t kBlock = 2 * V::kFloats;  // of k: a vector for each chain
  static constexpr int64_t kTile = 8;                // rows of W that meet a piece of x in turn
  struct Sums {
    alignas(64) float of[V::kExactRows][kBlock];
  };

  Sums* sums;  // [kTile]
  float* x;    // [group of kExactRows rows][block][row][kBlock], zeros behind k

  static int64_t blocks(int64_t k) { return (k + kBlock - 1) / kBlock; }
  static size_t bytes(int64_t k) {
    return kTile * sizeof(Sums) + kSharingRows * blocks(k) * kBlock * sizeof(float);
  }
  explicit DenseSpace(void* scratch)
      : sums(static_cast<Sums*>(scratch)), x(reinterpret_cast<float*>(sums + kTile)) {}
};

template <class V, FloatType kType>
class DenseDecode {
 public:
  static void run(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    for (int64_t at = 0; at < m; at += kSharingRows) {
      const int64_t left = m - at, rows = left < kSharingRows ? left : kSharingRows;
      DenseDecode(w, scratch, x + at * ldx, ldx, rows).columns(n_begin, n_end, y + at * ldy, ldy);
    }
  }

 private:
  using F = typename V::F;
  using Space = DenseSpace<V>;
  static constexpr int64_t kBlock = Space::kBlock;
  static constexpr int64_t kItem = size_of(kType), kBlockBytes = kBlock * kItem;
  static constexpr int kColumns = 2;  // rows of W at once, which share the loads of x

  DenseDecode(const DenseMatrix& w, void* scratch, const float* x, int64_t ldx, int64_t rows)
      : w_(w),
        space_(scratch),
        rows_(rows),
        whole_(w.k / kBlock),
        blocks_(Space::blocks(w.k)),
        stride_(w.row_stride * kItem),
        ahead_((kFetchAhead / (w.k * kItem + 1) + 1) * stride_) {
    for (int64_t first = 0; first < rows; first += V::kExactRows) {
      float* out = group_of(first);
      for (int64_t b = 0; b < blocks_; ++b) {
        for (int64_t r = first; r < first + group_rows(first); ++r, out += kBlock) {
          pack(x + r * ldx, b, out);
        }
      }
    }
  }

  float* group_of(int64_t first) const { return space_.x + first * blocks_ * kBlock; }
  int64_t group_rows(int64_t first) const {
    return rows_ - first < V::kExactRows ? rows_ - first : V::kExactRows;
  }

  // Block b of a row of x, in the order of weights.
  void pack(const float* x, int64_t b, float* out) const {
    const int64_t left = w_.k - b * kBlock;
    x += b * kBlock;
    F first, second;
    if (left >= kBlock) {
      first = V::load(x);
      second = V::load(x + V::kFloats);
    } else {
      first = V::load_first(x, static_cast<int>(left));
      second = V::zero();
      if (left > V::kFloats) {
        second = V::load_first(x + V::kFloats, static_cast<int>(left - V::kFloats));
      }
    }
    if constexpr (kType == FloatType::kBFloat16) V::split_pairs(first, second);
    V::store(out, first);
    V::store(out + V::kFloats, second);
  }

  void columns(int64_t n_begin, int64_t n_end, float* y, int64_t ldy) const {
    for (int64_t n = n_begin; n < n_end; n += Space::kTile) {
      const int64_t count = n_end - n < Space::kTile ? n_end - n : Space::kTile;
      for (int64_t r = 0; r < rows_; r += V::kExactRows) {
        tile<V::kExactRows>(group_rows(r), n, count, r, y + r * ldy + n, ldy);
      }
    }
  }

  // Blocks [begin, end) of a tile at row n of W.
  struct Piece {
    int64_t n, begin, end;
  };

  // `rows` rows of x from r on, in pieces that stay in the L1 cache while `count` rows of W pass
  // by: of a small one most, since every load of x serves two rows. A single row comes from the L2
  // cache as fast as the others' W from memory.
  template <int kRows>
  void tile(int64_t rows, int64_t n, int64_t count, int64_t r, float* y, int64_t ldy) const {
    if constexpr (kRows > 1) {
      if (rows < kRows) return tile<kRows - 1>(rows, n, count, r, y, ldy);
    }
    constexpr int64_t kCache = V::kDecodeCache * 3 / 2;
    constexpr int64_t kMost = kCache / static_cast<int64_t>(kRows * kBlock * sizeof(float));
    const int64_t piece = kRows == 1 || kMost > blocks_ ? blocks_ : kMost;
    int64_t begin = 0;
    do {  // once for k = 0 too, which gives zeros
      const Piece at{n, begin, blocks_ - begin < piece ? blocks_ : begin + piece};
      int64_t t = 0;
      for (; t + kColumns <= count; t += kColumns) products<kColumns, kRows>(at, t, r, y + t, ldy);
      for (; t < count; ++t) products<1, kRows>(at, t, r, y + t, ldy);
      begin = at.end;
    } while (begin < blocks_);
  }

  template <int kCount, int kRows>
  struct Chains {
    F of[kCount][kRows][2];

    // Rows of W, `stride` bytes apart, over a block.
    [[gnu::always_inline]] inline void add(const uint8_t* w, int64_t stride, const float* x) {
      F values[kCount][2];
#pragma GCC unroll 4
      for (int c = 0; c < kCount; ++c) widen(w + c * stride, values[c]);
#pragma GCC unroll 2
      for (int chain = 0; chain < 2; ++chain) {
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          const F row = V::load(x + r * kBlock + chain * V::kFloats);
#pragma GCC unroll 4
          for (int c = 0; c < kCount; ++c) {
            of[c][r][chain] = V::fma(values[c][chain], row, of[c][r][chain]);
          }
        }
      }
    }

    [[gnu::always_inline]] static inline void widen(const uint8_t* w, F (&out)[2]) {
      if constexpr (kType == FloatType::kBFloat16) {
        V::widen_pairs(V::load_bytes(w), out[0], out[1]);
      } else {
        out[0] = V::widen(w, kType);
        out[1] = V::widen(w + V::kFloats * kItem, kType);
      }
    }
  };

  template <int kCount, int kRows>
  [[gnu::noinline]] void products(const Piece& at, int64_t t, int64_t r, float* y,
                                  int64_t ldy) const {
    const uint8_t* w =
        static_cast<const uint8_t*>(w_.data) + (at.n + t) * stride_ + at.begin * kBlockBytes;
    const float* x = group_of(r) + at.begin * kRows * kBlock;
    const int64_t stride = stride_, ahead = r == 0 ? ahead_ : 0;
    Chains<kCount, kRows> chains;
#pragma GCC unroll 4
    for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 8
      for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
        for (int chain = 0; chain < 2; ++chain) {
          const float* sums = space_.sums[t + c].of[i] + chain * V::kFloats;
          chains.of[c][i][chain] = at.begin == 0 ? V::zero() : V::load(sums);
        }
      }
    }
    const int64_t whole = at.end < whole_ ? at.end : whole_;
    for (int64_t b = at.begin; b < whole; ++b, w += kBlockBytes, x += kRows * kBlock) {
#pragma GCC unroll 4
      for (int c = 0; c < kCount; ++c) fetch(w + c * stride + ahead);
      chains.add(w, stride, x);
    }
    if (at.end > whole_) {
      alignas(64) uint8_t padded[kCount][kBlockBytes] = {};
      for (int c = 0; c < kCount; ++c) {
        std::memcpy(padded[c], w + c * stride, (w_.k - whole_ * kBlock) * kItem);
      }
      chains.add(padded[0], kBlockBytes, x);
    }
#pragma GCC unroll 4
    for (int c = 0; c < kCount; ++c) {
#pragma GCC unroll 8
      for (int i = 0; i < kRows; ++i) {
        const F(&sums)[2] = chains.of[c][i];
        if (at.end == blocks_) {
          y[i * ldy + c] = V::sum(V::add(sums[0], sums[1]));
        } else {
          V::store(space_.sums[t + c].of[i], sums[0]);
          V::store(space_.sums[t + c].of[i] + V::kFloats, sums[1]);
        }
      }
    }
  }

  // Behind the end of the matrix too: a prefetch never faults.
  [[gnu::always_inline]] static inline void fetch(const uint8_t* p) {
#pragma GCC unroll 2
    for (int64_t line = 0; line < kBlockBytes; line += 64) __builtin_prefetch(p + line, 0, 2);
  }

  const DenseMatrix& w_;
  const Space space_;
  const int64_t rows_;
  const int64_t whole_, blocks_;  // of a row of W: whole ones, and all
  const int64_t stride_, ahead_;  // bytes from row to row, and from what is multiplied to fetched
};

}  // namespace mlxa::cpu
