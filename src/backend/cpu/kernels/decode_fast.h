// Decode family with int8 activations: W is read once, in place, for up to kSharingRows rows of x.
//
// The integer products of a block (decode_block.h) add up to one vector, a sum for each group,
// which is scaled and added once. A row of W that ends inside a block reads on into the next row,
// with activations of zero; only the last rows of the matrix are copied.
//
// y = sum over groups of scale_w * scale_x * dot(codes, q) + bias_w * sum_x, the biases first, in
// one order whatever the number of rows, so that a result depends on nothing but the two rows.
// Where the bias is the scale times a constant (V::kShift), the integer sums begin with it.
//
// V is an instruction set's vectors (isa/*_vec.h); being a type of internal linkage, it makes these
// instantiations internal to the file that uses them.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/decode_direct.h"
#include "backend/cpu/kernels/decode_products.h"
#include "backend/cpu/kernels/decode_space.h"
#include "backend/cpu/kernels/fetch.h"
#include "backend/cpu/kernels/weight_rows.h"

namespace mlxa::cpu {

template <class V, int kBits>
class FastDecode {
 public:
  static void run(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch) {
    static_assert(kSharingRows % 2 == 0);  // pairs of parts stay together
    const int64_t all = m * x.parts;
    const ArrangedRows<V> layout(w);
    const Space space(scratch, layout.groups);
    for (int64_t at = 0; at < all; at += kSharingRows) {
      const int64_t rows = all - at < kSharingRows ? all - at : kSharingRows;
      Row* blocks;
      if (x.arranged) {
        blocks = layout.blocks(x.arranged, at);
      } else {
        const int64_t groups = w.k / V::kGroup;
        layout.arrange({x.q + at * w.k, x.scales + at * groups, x.sums + at * groups, x.parts},
                       rows, 0, rows, space.arranged);
        blocks = layout.blocks(space.arranged, 0);
      }
      FastDecode(w, space, layout, blocks, rows, x.parts)
          .columns(n_begin, n_end, y + at / x.parts * ldy, ldy);
    }
  }

 private:
  using F = typename V::F;
  using I = typename V::I;
  using Block = DecodeBlock<V>;
  using Space = DecodeSpace<V>;
  using Row = typename Block::Row;
  using Sums = typename Space::Sums;
  using Products = BlockProducts<V, kBits>;
  static constexpr int kBlockBytes = Products::kBytes;

  FastDecode(const QuantizedMatrix& w, const Space& space, const ArrangedRows<V>& layout, Row* x,
             int64_t rows, int64_t parts)
      : w_(w),
        space_(space),
        layout_(layout),
        x_(x),
        x_sums_(layout.sums(x, rows)),
        rows_(rows),
        parts_(parts),
        groups_(w.k / w.group_size),
        shift_(static_cast<int>(layout.shift)),
        blocks_(Block::count(w.k)),
        row_bytes_(w.k * kBits / 8),
        factor_bytes_(groups_ * scale_bytes(w)) {
    // Rows behind which the matrix goes on for as long as a block and a vector of factors.
    const int64_t last_rows = kBlockBytes / row_bytes_ + 1, last_factors = V::kFloats / groups_ + 1;
    complete_rows_ = w.n - (last_rows > last_factors ? last_rows : last_factors);
  }

  void columns(int64_t n_begin, int64_t n_end, float* y, int64_t ldy) const {
    const int64_t resident = V::kDecodeCache / (rows_ * static_cast<int64_t>(sizeof(Row)));
    const int64_t pieces = resident < 1 ? blocks_ : (blocks_ + resident - 1) / resident;
    const int64_t piece = (blocks_ + pieces - 1) / pieces;
    constexpr int64_t tile = Space::kTile;
    fetch_beginning(n_begin);
    for (int64_t n = n_begin; n < n_end; n += tile) {
      const int64_t count = n_end - n < tile ? n_end - n : tile;
      fetch_factors(n + rows_ahead(), count);
      if (n + count > complete_rows_ || !direct(n, count)) {
        expand_factors(n, count);
        for (int64_t b = 0; b < blocks_; b += piece) {
          const int64_t end = blocks_ - b < piece ? blocks_ : b + piece;
          for (int64_t t = 0; t < count;) t += add_piece(n + t, b, end, t, count - t);
        }
      }
      for (int64_t r = 0; r < rows_; r += parts_) write(r, count, y + r / parts_ * ldy + n);
    }
    *space_.fetched = w_.weight + n_end * row_bytes_;
  }

  // What lies closer than kFetchAhead, unless the thread comes from the columns before.
  void fetch_beginning(int64_t n) const {
    const uint8_t* codes = w_.weight + n * row_bytes_;
    if (*space_.fetched == codes) return;
    fetch_lines(codes, kFetchAhead);
    fetch_factors(n, rows_ahead());
  }

  // Of `count` rows of W from row n on.
  void fetch_factors(int64_t n, int64_t count) const {
    const int64_t at = n * factor_bytes_, bytes = count * factor_bytes_;
    fetch_lines(static_cast<const uint8_t*>(w_.scales) + at, bytes);
    if (V::kAffine) fetch_lines(static_cast<const uint8_t*>(w_.biases) + at, bytes);
  }
  // Whose codes reach as far as these are fetched ahead.
  int64_t rows_ahead() const { return kFetchAhead / row_bytes_ + 1; }

  // Whether x has few rows and the tile's products with them are done.
  bool direct(int64_t n, int64_t count) const {
    if (rows_ == 1) return DirectDecode<V, kBits, 1>(w_, layout_, x_).run(n, count, space_.sums);
    if (rows_ == 2) return DirectDecode<V, kBits, 2>(w_, layout_, x_).run(n, count, space_.sums);
    return false;
  }

  // Of a tile's rows of W.
  void expand_factors(int64_t n, int64_t count) const {
    const auto* scales = static_cast<const uint8_t*>(w_.scales) + n * factor_bytes_;
    const auto* biases =
        V::kAffine ? static_cast<const uint8_t*>(w_.biases) + n * factor_bytes_ : scales;
    for (int64_t t = 0; t < count; ++t) {
      const int64_t at = t * factor_bytes_, to = t * space_.groups;
      expand_affine<V, kBits>({nullptr, scales + at, biases + at, w_.scale_type}, groups_,
                              n + t < complete_rows_, space_.scales + to, space_.biases + to);
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
      V::store_first(y + t, V::sum_each(sums), static_cast<int>(count - t));
    }
  }

  // Blocks [begin, end) of row n of W, which is number t of its tile, and of those after it: of
  // `left` of them at most. Returns how many these were.
  int64_t add_piece(int64_t n, int64_t begin, int64_t end, int64_t t, int64_t left) const {
    const uint8_t* codes = w_.weight + n * row_bytes_;
    const int64_t complete = end > w_.k / Block::kCodes ? complete_rows_ - n : left;
    if (complete > 0) {
      const int64_t columns = complete < left ? complete : left;
      add_blocks({codes + begin * kBlockBytes, begin, end, t, columns, begin == 0});
      return columns;
    }
    const int64_t last = end - 1;
    add_blocks({codes + begin * kBlockBytes, begin, last, t, 1, begin == 0});
    std::memcpy(space_.codes, codes + last * kBlockBytes, w_.k % Block::kCodes * kBits / 8);
    add_blocks({space_.codes, last, end, t, 1, false});
    return 1;
  }

  // Blocks [begin, end) of `columns` rows of W, the first of them number t of its tile.
  struct Work {
    const uint8_t* codes;
    int64_t begin, end, t, columns;
    bool first;  // nothing was added before: sums begin with the biases
  };

  void add_blocks(const Work& work) const {
    if constexpr (V::kHeldRows >= 16) {
      hold_rows<16, 12, 8, 6, 4, 3, 2, 1>(work);
    } else {
      rows_ >= 8 ? many_rows(work) : hold_rows<4, 2, 1>(work);
    }
  }
  // In few passes, as each unpacks: of the largest of the sizes that fit, each once at most.
  template <int... kSizes>
  void hold_rows(const Work& work) const {
    int64_t r = 0;
    ((rows_ - r >= kSizes ? held_rows<kSizes>(work, r), r += kSizes : r), ...);
  }

  // What the sums of row r of x begin with.
  [[gnu::always_inline]] inline F biases(int64_t t, int64_t r) const {
    if constexpr (V::kShift != 0) return V::zero();  // the integer sums begin with them
    const float *x = x_sums_ + r * space_.groups, *biases = space_.biases + t * space_.groups;
    F sum = V::zero();
    for (int64_t g = 0; g < groups_; g += V::kFloats) {
      sum = V::fma(V::load(biases + g), V::load(x + g), sum);
    }
    return sum;
  }

  // With kRows rows of x from `r` on, whose sums stay in registers.
  template <int kRows>
  [[gnu::noinline]] void held_rows(const Work& work, int64_t r0) const {
    const uint8_t* codes = work.codes;
    const Row* first_row = x_ + work.begin * rows_ + r0;
    for (int64_t t = work.t; t < work.t + work.columns; ++t, codes += row_bytes_) {
      const float* scales = space_.scales + t * space_.groups;
      auto* sums = space_.sums[t].of + r0;
      F c[kRows];
      if (work.first) {
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) c[r] = biases(t, r0 + r);
      } else {
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) c[r] = V::load(sums[r]);
      }
      const uint8_t* p = codes;
      const Row* x = first_row;
      for (int64_t b = work.begin; b < work.end; ++b, p += kBlockBytes, x += rows_) {
        Products::fetch(p + kFetchAhead);
        I u[Block::kVectors];
        Block::template unpack<kBits>(p, u);
        const F scale = block_scales(scales, b);
        constexpr int kAtOnce = V::rows_at_once(kRows);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r += kAtOnce) {
          products_.template add<kAtOnce>(u, x + r, scale, c + r);
        }
      }
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) V::store(sums[r], c[r]);
    }
  }

  // With all rows of x: more than registers hold the sums of.
  [[gnu::noinline]] void many_rows(const Work& work) const {
    const uint8_t* codes = work.codes;
    for (int64_t t = work.t; t < work.t + work.columns; ++t, codes += row_bytes_) {
      const float* scales = space_.scales + t * space_.groups;
      auto* sums = space_.sums[t].of;
      for (int64_t r = 0; work.first && r < rows_; ++r) V::store(sums[r], biases(t, r));
      const uint8_t* p = codes;
      const Row* x = x_ + work.begin * rows_;
      for (int64_t b = work.begin; b < work.end; ++b, p += kBlockBytes) {
        Products::fetch(p + kFetchAhead);
        I u[Block::kVectors];
        Block::template unpack<kBits>(p, u);
        const F scale = block_scales(scales, b);
        for (int64_t r = 0; r < rows_; ++r, ++x) {
          F sum = V::load(sums[r]);
          products_.template add<1>(u, x, scale, &sum);
          V::store(sums[r], sum);
        }
      }
    }
  }

  // Whole vectors are loaded as they were stored: others would wait until the stores are through.
  [[gnu::always_inline]] inline F block_scales(const float* scales, int64_t b) const {
    const int64_t turn = b & ((1 << shift_) - 1);
    return Products::pick_scales(V::load(scales + (b >> shift_) * V::kFloats), shift_, turn);
  }

  const QuantizedMatrix& w_;
  const Space& space_;
  const ArrangedRows<V>& layout_;
  Row* x_;               // [blocks_][rows_]
  const float* x_sums_;  // [rows_][groups]
  const int64_t rows_, parts_, groups_;
  const int shift_;
  const int64_t blocks_, row_bytes_, factor_bytes_;
  const Products products_;
  int64_t complete_rows_;
};

}  // namespace mlxa::cpu
