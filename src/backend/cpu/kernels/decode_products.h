// What decode with int8 activations does with a block of W and rows of x, whatever holds the sums.
#pragma once

#include <cstdint>

#include "backend/cpu/kernels/decode_block.h"

namespace mlxa::cpu {

template <class V, int kBits>
class BlockProducts {
 public:
  using F = typename V::F;
  using I = typename V::I;
  using Block = DecodeBlock<V>;
  using Row = typename Block::Row;
  static constexpr int kBytes = Block::kCodes * kBits / 8;

  BlockProducts() {
    for (int32_t& bits : magic_) bits = kMagic;
  }

  /// The scales of the groups of a block, block `turn` of the 2^shift that a vector of them serves.
  [[gnu::always_inline]] static inline F pick_scales(F scales, int shift, int64_t turn) {
    if constexpr (Block::kInOrder) {
      return scales;  // of as many groups as x has
    } else {
      return kPlaces[shift][turn].pick(scales);
    }
  }

  /// Adds the products of a block, unpacked to `u`, with kRows rows of x.
  template <int kRows>
  [[gnu::always_inline]] inline void add(const I (&u)[Block::kVectors], const Row* x, F scale,
                                         F* sums) const {
    I dots[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) dots[r] = starts_of(x[r]);
    const auto q = [x](int r) { return x[r].q; };
    V::template dots<kBits + V::kExtraBits, kRows>(u, q, dots);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const F scaled = V::fma(V::as_floats(dots[r]), V::load(x[r].scale), V::load(x[r].offset));
      sums[r] = V::fma(scaled, scale, sums[r]);
    }
  }

  /// Asks for a block. Behind the end of the matrix too: a prefetch never faults.
  [[gnu::always_inline]] static inline void fetch(const uint8_t* p) {
#pragma GCC unroll 8
    for (int line = 0; line < kBytes; line += 64) __builtin_prefetch(p + line, 0, 2);
  }

 private:
  // What the integer sums of a block begin with.
  [[gnu::always_inline]] inline I starts_of([[maybe_unused]] const Row& x) const {
    if constexpr (V::kShift != 0) {
      return V::load_bytes(x.start);
    } else {
      return V::load_bytes(magic_);
    }
  }

  using Places = typename Block::Places;
  static constexpr Places kPlaces[3][4] = {
      {{0, 0}, {0, 0}, {0, 0}, {0, 0}},
      {{0, 1}, {1, 1}, {0, 1}, {1, 1}},
      {{0, 2}, {1, 2}, {2, 2}, {3, 2}},
  };

  alignas(64) int32_t magic_[V::kFloats];
};

}  // namespace mlxa::cpu
