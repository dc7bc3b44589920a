// Decode family with int8 activations: W is read once, in place, for up to kSharingRows rows of x.
//
// The integer products of a block (decode_block.h) add up to one vector, a sum for each group,
// which is scaled and added once. A row of W that ends inside a block reads on into the next row,
// with activations of zero; only the last rows of the matrix are copied.
//
// y = sum over groups of scale_w * scale_x * dot(codes, q) + bias_w * sum_x, the biases first, in
// one order whatever the number of rows, so that a result depends on nothing but the two rows.
//
// V is an instruction set's vectors (isa/*_vec.h); being a type of internal linkage, it makes these
// instantiations internal to the file that uses them.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/decode_block.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

/// How far ahead of the products the codes are fetched, in bytes: rows follow each other in memory,
/// and the hardware's own prefetchers stop at page ends.
inline constexpr int64_t kFetchAhead = 16384;

/// Rows of x that share the unpacking of W.
inline constexpr int64_t kSharingRows = 16;

/// What a thread keeps in the caller's scratch.
template <class V>
struct DecodeSpace {
  using Block = DecodeBlock<V>;
  static constexpr int64_t kTile = 16;  // rows of W at once
  struct Sums {
    alignas(64) float of[kSharingRows][V::kFloats];
  };

  typename Block::Row* rows;  // [block][row]
  Sums* sums;                 // [kTile]
  uint8_t* codes;             // a block, padded
  float* x_sums;              // [row][groups]: of x, by groups of W
  float* scales;              // [kTile][groups]
  float* biases;              // [groups]
  int64_t groups;             // expanded_groups of a row of W

  static constexpr size_t kCodeBytes = Block::kCodes;

  static size_t bytes(int64_t k) {
    return kSharingRows * Block::count(k) * sizeof(typename Block::Row) + kTile * sizeof(Sums) +
           kCodeBytes + (kSharingRows + kTile + 1) * expanded_groups(k / V::kGroup) * sizeof(float);
  }
  DecodeSpace(void* scratch, const QuantizedMatrix& w)
      : groups(expanded_groups(w.k / w.group_size)) {
    rows = static_cast<typename Block::Row*>(scratch);
    sums = reinterpret_cast<Sums*>(rows + kSharingRows * Block::count(w.k));
    codes = reinterpret_cast<uint8_t*>(sums + kTile);
    x_sums = reinterpret_cast<float*>(codes + kCodeBytes);
    scales = x_sums + kSharingRows * groups;
    biases = scales + kTile * groups;
  }
};

template <class V, int kBits>
class FastDecode {
 public:
  static void run(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    static_assert(kSharingRows % 2 == 0);  // pairs of parts stay together
    for (int64_t at = 0; at < m * x.parts; at += kSharingRows) {
      const int64_t left = m * x.parts - at, rows = left < kSharingRows ? left : kSharingRows;
      FastDecode(w, scratch, x, at, rows).columns(n_begin, n_end, y + at / x.parts * ldy, ldy);
    }
  }

 private:
  using F = typename V::F;
  using I = typename V::I;
  using Block = DecodeBlock<V>;
  using Space = DecodeSpace<V>;
  using Row = typename Block::Row;
  using Sums = typename Space::Sums;
  static constexpr int kBlockBytes = Block::kCodes * kBits / 8;

  FastDecode(const QuantizedMatrix& w, void* scratch, const Int8Rows& x, int64_t first,
             int64_t rows)
      : w_(w),
        space_(scratch, w),
        rows_(rows),
        parts_(x.parts),
        groups_(w.k / w.group_size),
        shift_(w.group_size == V::kGroup       ? 0
               : w.group_size == 2 * V::kGroup ? 1
                                               : 2),
        blocks_(Block::count(w.k)),
        row_bytes_(w.k * kBits / 8),
        factor_bytes_(groups_ * scale_bytes(w)),
        places_{{0, shift_}, {1, shift_}, {2, shift_}, {3, shift_}} {
    for (int32_t& bits : magic_) bits = kMagic;
    for (int64_t b = 0; b < blocks_; ++b) {
      for (int64_t r = 0; r < rows; ++r) {
        Block::load(x, w.k, first + r, b, space_.rows[b * rows + r]);
      }
    }
    for (int64_t r = 0; r < rows; ++r) {
      sum_by_factor(x.sums + (first + r) * (w.k / V::kGroup), space_.x_sums + r * space_.groups);
    }
    // Rows behind which the matrix goes on for as long as a block and a vector of factors.
    const int64_t last_rows = kBlockBytes / row_bytes_ + 1, last_factors = V::kFloats / groups_ + 1;
    complete_rows_ = w.n - (last_rows > last_factors ? last_rows : last_factors);
  }

  void sum_by_factor(const float* __restrict x, float* __restrict sums) const {
    const int64_t groups = groups_;
    if (shift_ == 0) {
      for (int64_t g = 0; g < groups; ++g) sums[g] = x[g];
    } else if (shift_ == 1) {
      for (int64_t g = 0; g < groups; ++g) sums[g] = x[2 * g] + x[2 * g + 1];
    } else {
      for (int64_t g = 0; g < groups; ++g) {
        sums[g] = (x[4 * g] + x[4 * g + 1]) + (x[4 * g + 2] + x[4 * g + 3]);
      }
    }
    for (int64_t g = groups; g < space_.groups; ++g) sums[g] = 0.0f;
  }

  void columns(int64_t n_begin, int64_t n_end, float* y, int64_t ldy) const {
    const int64_t resident = V::kDecodeCache / (rows_ * static_cast<int64_t>(sizeof(Row)));
    const int64_t piece = resident < 1 ? 1 : resident < blocks_ ? resident : blocks_;
    constexpr int64_t tile = Space::kTile;
    const int64_t ahead = (kFetchAhead / row_bytes_ + 1) * factor_bytes_;
    for (int64_t n = n_begin; n < n_end; n += tile) {
      const int64_t count = n_end - n < tile ? n_end - n : tile;
      for (int64_t t = 0; t < count; ++t) {
        const int64_t at = (n + t) * factor_bytes_;
        const WeightRow row{nullptr, static_cast<const uint8_t*>(w_.scales) + at,
                            V::kAffine ? static_cast<const uint8_t*>(w_.biases) + at : nullptr,
                            w_.scale_type};
        fetch_line_by_line(row.scales + ahead, factor_bytes_);
        if (V::kAffine) fetch_line_by_line(row.biases + ahead, factor_bytes_);
        float* scales = space_.scales + t * space_.groups;
        expand_affine<V, kBits>(row, groups_, n + t < complete_rows_, scales, space_.biases);
        add_biases(space_.sums[t]);
      }
      for (int64_t b = 0; b < blocks_; b += piece) {
        const int64_t end = blocks_ - b < piece ? blocks_ : b + piece;
        for (int64_t t = 0; t < count;) t += add_piece(n + t, b, end, t, count - t);
      }
      for (int64_t r = 0; r < rows_; r += parts_) write(r, count, y + r / parts_ * ldy + n);
    }
  }

  // Row r of x (and its second part) with all rows of a tile.
  void write(int64_t r, int64_t count, float* y) const {
    for (int64_t t = 0; t < count; t += V::kFloats) {
      F sums[V::kFloats];
#pragma GCC unroll 16
      for (int i = 0; i < V::kFloats; ++i) {
        sums[i] = V::load(space_.sums[t + i].of[r]);
        if (parts_ == 2) sums[i] = V::add(sums[i], V::load(space_.sums[t + i].of[r + 1]));
      }
      V::transpose(sums);
#pragma GCC unroll 4
      for (int half = V::kFloats / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
        for (int i = 0; i < half; ++i) sums[i] = V::add(sums[i], sums[i + half]);
      }
      V::store_first(y + t, sums[0], static_cast<int>(count - t));
    }
  }

  // Behind the end of the matrix too: a prefetch never faults.
  static void fetch_line_by_line(const uint8_t* p, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(p + at, 0, 2);
  }

  // What sums begin with.
  void add_biases(Sums& sums) const {
    const float* x = space_.x_sums;
    for (int64_t r = 0; r < rows_; ++r, x += space_.groups) {
      F sum = V::zero();
      for (int64_t g = 0; g < groups_; g += V::kFloats) {
        sum = V::fma(V::load(space_.biases + g), V::load(x + g), sum);
      }
      V::store(sums.of[r], sum);
    }
  }

  // Blocks [begin, end) of row n of W, which is number t of its tile, and of those after it: of
  // `left` of them at most. Returns how many these were.
  int64_t add_piece(int64_t n, int64_t begin, int64_t end, int64_t t, int64_t left) const {
    const uint8_t* codes = w_.weight + n * row_bytes_;
    const int64_t complete = end > w_.k / Block::kCodes ? complete_rows_ - n : left;
    if (complete > 0) {
      const int64_t columns = complete < left ? complete : left;
      add_blocks(codes + begin * kBlockBytes, begin, end, t, columns);
      return columns;
    }
    const int64_t last = end - 1;
    add_blocks(codes + begin * kBlockBytes, begin, last, t, 1);
    std::memcpy(space_.codes, codes + last * kBlockBytes, w_.k % Block::kCodes * kBits / 8);
    add_blocks(space_.codes, last, end, t, 1);
    return 1;
  }

  void add_blocks(const uint8_t* codes, int64_t begin, int64_t end, int64_t t,
                  int64_t columns) const {
    if (rows_ == 1) return few_rows<1>(codes, begin, end, t, columns);
    if (rows_ == 2) return few_rows<2>(codes, begin, end, t, columns);
    for (; columns >= V::kDecodeColumns; columns -= V::kDecodeColumns) {
      many_rows<V::kDecodeColumns>(codes, begin, end, t);
      codes += V::kDecodeColumns * row_bytes_;
      t += V::kDecodeColumns;
    }
    if (columns > 0) many_rows<1>(codes, begin, end, t);
  }

  template <int kRows>
  [[gnu::noinline]] void few_rows(const uint8_t* codes, int64_t begin, int64_t end, int64_t t,
                                  int64_t columns) const {
    const float* scales = space_.scales + t * space_.groups;
    Sums* sums = space_.sums + t;
    for (; columns > 0; --columns, codes += row_bytes_, scales += space_.groups, ++sums) {
      const uint8_t* p = codes;
      const Row* x = space_.rows + begin * kRows;
      F c[kRows];
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) c[r] = V::load(sums->of[r]);
      for (int64_t b = begin; b < end; ++b, p += kBlockBytes, x += kRows) {
        fetch(p + kFetchAhead);
        I u[Block::kVectors];
        Block::template unpack<kBits>(p, u);
        const F scale = block_scales(scales, b);
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) c[r] = add_products(u, x[r], scale, c[r]);
      }
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) V::store(sums->of[r], c[r]);
    }
  }

  // kColumns rows of W at once, so that each load of activations serves all of them.
  template <int kColumns>
  [[gnu::noinline]] void many_rows(const uint8_t* codes, int64_t begin, int64_t end,
                                   int64_t t) const {
    const float* scales = space_.scales + t * space_.groups;
    Sums* sums = space_.sums + t;
    const int64_t rows = rows_;
    const Row* x = space_.rows + begin * rows;
    for (int64_t b = begin; b < end; ++b, codes += kBlockBytes) {
      I u[kColumns][Block::kVectors];
      F scale[kColumns], sum[kColumns];
#pragma GCC unroll 2
      for (int c = 0; c < kColumns; ++c) {
        fetch(codes + c * row_bytes_ + kFetchAhead);
        Block::template unpack<kBits>(codes + c * row_bytes_, u[c]);
        scale[c] = block_scales(scales + c * space_.groups, b);
      }
      for (int64_t r = 0; r < rows; ++r, ++x) {
#pragma GCC unroll 2
        for (int c = 0; c < kColumns; ++c) {
          sum[c] = add_products(u[c], *x, scale[c], V::load(sums[c].of[r]));
        }
#pragma GCC unroll 2
        for (int c = 0; c < kColumns; ++c) V::store(sums[c].of[r], sum[c]);
      }
    }
  }

  // Whole vectors are loaded as they were stored: others would wait until the stores are through.
  [[gnu::always_inline]] inline F block_scales(const float* scales, int64_t b) const {
    const int64_t turn = b & ((1 << shift_) - 1);
    return places_[turn].pick(V::load(scales + (b >> shift_) * V::kFloats));
  }

  [[gnu::always_inline]] inline F add_products(const I (&u)[Block::kVectors], const Row& x, F scale,
                                               F sum) const {
    const I dots = V::template dots<kBits + V::kExtraBits>(u, x.q, V::load_bytes(magic_));
    return V::fma(V::fma(V::as_floats(dots), V::load(x.scale), V::load(x.offset)), scale, sum);
  }

  [[gnu::always_inline]] static inline void fetch(const uint8_t* p) {
#pragma GCC unroll 8
    for (int line = 0; line < kBlockBytes; line += 64) __builtin_prefetch(p + line, 0, 2);
  }

  const QuantizedMatrix& w_;
  const Space space_;
  const int64_t rows_, parts_, groups_;
  const int shift_;
  const int64_t blocks_, row_bytes_, factor_bytes_;
  const typename Block::Places places_[4];
  alignas(64) int32_t magic_[V::kFloats];
  int64_t complete_rows_;
};

}  // namespace mlxa::cpu
