// Blocks of codes and activations as decode with int8 activations multiplies them.
//
// A block is V::kFloats groups of activations. Its codes are unpacked to vectors of bytes and
// interleaved so that every 32-bit part of them belongs to one group: then the integer products of
// the block add up to one vector, a sum for each group.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend/cpu/kernels/code_order.h"
#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu {

/// A row of x over a block.
template <class V, int kVectors, bool kShifted>
struct BlockRow {
  alignas(64) int8_t q[kVectors][sizeof(typename V::I)];
  float scale[V::kFloats];
  float offset[V::kFloats];  // -kMagicSum * scale
};
template <class V, int kVectors>
struct BlockRow<V, kVectors, true> : BlockRow<V, kVectors, false> {
  int32_t start[V::kFloats];  // kMagic less what the codes are shifted by, times the sum of q
};

/// The shape of a block.
template <class V>
struct DecodeBlock {
  using F = typename V::F;
  using I = typename V::I;
  static constexpr int kCodes = V::kFloats * V::kGroup;
  static constexpr int kUnits = kCodes / V::kUnit;
  static constexpr int kVectors = 2 * kUnits;
  static_assert(V::kGroup * 255 * 127 < 1 << 22);

  using Row = BlockRow<V, kVectors, V::kShift != 0>;

  /// Whether the parts of a block's vectors are its groups in their order.
  static constexpr bool kInOrder = kUnits == 2 && V::kPicksFromTwo;

  /// Which group of a block part `i` of its vectors belongs to.
  static constexpr int group_of(int i) {
    if (kInOrder) return i;
    if (kUnits == 4) return group_of_part(i, V::kLanes);
    const int lane = i / 4, part = i % 4;
    return (part % 2 * V::kLanes + lane) * 2 + part / 2;
  }

  /// Where in a vector of factors, each of which serves 2^shift groups, those of the parts of block
  /// `block` stand.
  struct Places {
    alignas(64) int32_t of_part[V::kFloats];
    constexpr Places(int64_t block, int shift) : of_part{} {
      const auto first = static_cast<int32_t>(block * V::kFloats);
      for (int i = 0; i < V::kFloats; ++i) {
        of_part[i] = (first + group_of(i)) >> shift & (V::kFloats - 1);
      }
    }
    [[gnu::always_inline]] inline F pick(F factors) const {
      return V::permute(factors, V::load_bytes(of_part));
    }
  };

  /// Every second part of two vectors, from the first or the second on.
  struct Neighbours {
    alignas(64) int32_t of[V::kFloats];
    constexpr explicit Neighbours(int first) : of{} {
      for (int i = 0; i < V::kFloats; ++i) of[i] = 2 * i + first;
    }
  };

  /// Lane by lane: unit u's part p goes to vector p, part u; with two units their groups, two parts
  /// each, come together likewise, or in their order.
  [[gnu::always_inline]] static inline void interleave(I* units) {
    if constexpr (kUnits == 4) {
      const I a = V::low32(units[0], units[1]), b = V::high32(units[0], units[1]);
      const I c = V::low32(units[2], units[3]), d = V::high32(units[2], units[3]);
      units[0] = V::low64(a, c);
      units[1] = V::high64(a, c);
      units[2] = V::low64(b, d);
      units[3] = V::high64(b, d);
    } else if constexpr (kInOrder) {
      static constexpr Neighbours kEven(0), kOdd(1);
      const I even = V::pick_from_two(units[0], units[1], V::load_bytes(kEven.of));
      units[1] = V::pick_from_two(units[0], units[1], V::load_bytes(kOdd.of));
      units[0] = even;
    } else {
      static_assert(kUnits == 2);
      const I a = V::low32(units[0], units[1]), b = V::high32(units[0], units[1]);
      units[0] = V::low64(a, b);
      units[1] = V::high64(a, b);
    }
  }

  template <int kBits>
  [[gnu::always_inline]] static inline void unpack(const uint8_t* codes, I (&u)[kVectors]) {
    constexpr int kUnitBytes = V::kUnit * kBits / 8;
    if constexpr (V::unpacks_blocks(kBits)) {
      V::template unpack_block<kBits>(codes, u);
    } else if constexpr (kBits == 4) {
      I both[kUnits];
#pragma GCC unroll 4
      for (int i = 0; i < kUnits; ++i) both[i] = V::load_bytes(codes + i * kUnitBytes);
      interleave(both);
#pragma GCC unroll 4
      for (int i = 0; i < kUnits; ++i) V::split(both[i], u[i], u[kUnits + i]);
    } else {
#pragma GCC unroll 4
      for (int i = 0; i < kUnits; ++i) {
        V::template unpack<kBits>(codes + i * kUnitBytes, u[i], u[kUnits + i]);
      }
      interleave(u);
      interleave(u + kUnits);
    }
  }

  /// The sum of a group's q. Scales that are no numbers make whatever comes of it none.
  static int32_t sum_of(const Int8Rows& x, int64_t group) {
    const float scale = x.scales[group], ratio = x.sums[group] / scale;
    constexpr float kMost = V::kGroup * 127;
    if (!(scale > 0.0f && ratio >= -kMost && ratio <= kMost)) return 0;
    return static_cast<int32_t>(ratio < 0.0f ? ratio - 0.5f : ratio + 0.5f);
  }

  static int64_t count(int64_t k) { return (k + kCodes - 1) / kCodes; }

  /// Block `block` of row `row` of x.
  static void load(const Int8Rows& x, int64_t k, int64_t row, int64_t block, Row& out) {
    const int64_t from = block * kCodes, left = k - from;
    const int8_t* q = x.q + row * k + from;
    alignas(64) int8_t padded[kCodes] = {};
    if (left < kCodes) {
      for (int64_t at = 0; at < left; at += V::kUnit) {
        const int64_t half = (left - at < V::kUnit ? left - at : V::kUnit) / 2;
        std::memcpy(padded + at, q + at, half);
        std::memcpy(padded + at + V::kUnit / 2, q + at + half, half);
      }
      q = padded;
    }
    I u[kVectors];
    for (int i = 0; i < kUnits; ++i) {
      u[i] = V::load_bytes(q + i * V::kUnit);
      u[kUnits + i] = V::load_bytes(q + i * V::kUnit + V::kUnit / 2);
    }
    interleave(u);
    interleave(u + kUnits);
    for (int i = 0; i < kVectors; ++i) V::store_bytes(out.q[i], u[i]);
    const int64_t groups = k / V::kGroup, first = block * V::kFloats;
    const F scales =
        V::load_first(x.scales + row * groups + first, static_cast<int>(groups - first));
    static constexpr Places kInOrder(0, 0);
    const F scale = kInOrder.pick(scales);
    V::store(out.scale, scale);
    V::store(out.offset, V::mul(scale, V::set1(-kMagicSum)));
    if constexpr (V::kShift != 0) {
      for (int i = 0; i < V::kFloats; ++i) {
        const int64_t group = first + group_of(i);
        out.start[i] = kMagic - V::kShift * (group < groups ? sum_of(x, row * groups + group) : 0);
      }
    }
  }
};

}  // namespace mlxa::cpu
