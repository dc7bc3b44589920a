// Orders of codes and activations inside a kernel, as tables computed by the compiler.
//
// Vector kernels take the codes of a row in units of 32 * lanes codes (a lane is 16 bytes), which
// unpack to two vectors of bytes u0 and u1. Lane l of both holds codes [32 l, 32 l + 32) of the
// unit, so that a lane belongs to one quantization group; inside a lane the order is whatever the
// width unpacks to most cheaply, and the activations are stored in that order.
#pragma once

#include <cstdint>

namespace mlxa::cpu {

/// Which of the 32 codes of a lane byte `i` of vector `v` holds.
constexpr int code_in_lane(int bits, int v, int i) {
  if (bits == 4) return 2 * i + v;  // low nibbles, high nibbles
  if (bits == 2) return 4 * (i % 8) + 2 * v + i / 8;
  return 16 * v + i;
}

/// Which of the groups of 32 codes in four units, unpacked and interleaved, 32-bit part `i` of the
/// vectors belongs to: those of a unit are one lane each.
constexpr int group_of_part(int i, int lanes) { return i % 4 * lanes + i / 4; }

/// Byte shuffles that bring 32 consecutive activations (two halves of 16) into a lane's order:
/// vector v is shuffle(half 0, from[v][0]) | shuffle(half 1, from[v][1]).
struct LaneShuffle {
  alignas(16) int8_t from[2][2][16];
};

constexpr LaneShuffle make_lane_shuffle(int bits) {
  LaneShuffle out{};
  for (int v = 0; v < 2; ++v) {
    for (int i = 0; i < 16; ++i) {
      const int code = code_in_lane(bits, v, i);
      out.from[v][0][i] = code < 16 ? static_cast<int8_t>(code) : int8_t{-128};
      out.from[v][1][i] = code < 16 ? int8_t{-128} : static_cast<int8_t>(code - 16);
    }
  }
  return out;
}

/// How four groups of activations (128 bytes, as 32 dwords in two vectors) get into that order: a
/// shuffle inside each 16 bytes, then one of dwords for each of the two vectors that come out.
struct UnitOrder {
  alignas(16) int8_t in_lane[16];
  alignas(64) int32_t by_vector[2][16];  ///< What meets u0 of all groups, then what meets u1.
  alignas(64) int32_t by_group[2][16];   ///< Group after group.
};

constexpr UnitOrder make_unit_order(int bits) {
  UnitOrder out{};
  int place[32] = {};  // of a code among those of its half of a lane
  int next[2] = {};
  for (int v = 0; v < 2; ++v) {
    for (int i = 0; i < 16; ++i) {
      const int code = code_in_lane(bits, v, i);
      place[code] = next[code / 16]++;
      if (code < 16) out.in_lane[place[code]] = static_cast<int8_t>(code);
    }
  }
  for (int group = 0; group < 4; ++group) {
    for (int v = 0; v < 2; ++v) {
      for (int t = 0; t < 4; ++t) {
        const int code = code_in_lane(bits, v, 4 * t);
        const int from = 8 * group + 4 * (code / 16) + place[code] / 4;
        out.by_vector[v][4 * group + t] = from;
        out.by_group[group / 2][8 * (group % 2) + 4 * v + t] = from;
      }
    }
  }
  return out;
}

/// For widths that straddle bytes (3, 5, 6): each pair of codes (even, odd) gets a 16-bit window
/// each, found by byte shuffles of 16 loaded bytes; a multiplication then moves the code to bit 8.
template <int kBits, int kLanes>
struct WindowTables {
  static constexpr int kUnitBytes = 4 * kLanes * kBits;

  /// Where to load the 16 bytes that hold lane `l` of vector `v`: never past the unit's end.
  static constexpr int load_at(int v, int l) {
    const int wanted = (2 * l + v) * 2 * kBits;
    return wanted < kUnitBytes - 16 ? wanted : kUnitBytes - 16;
  }

  alignas(64) int8_t even[2][16 * kLanes];  ///< Shuffles for the even codes of each vector.
  alignas(64) int8_t odd[2][16 * kLanes];
  alignas(64) uint16_t even_factor[8 * kLanes];  ///< 2^(8 - offset of the code in its window).
  alignas(64) uint16_t odd_factor[8 * kLanes];

  constexpr WindowTables() : even{}, odd{}, even_factor{}, odd_factor{} {
    for (int l = 0; l < kLanes; ++l) {
      for (int pair = 0; pair < 8; ++pair) {
        const int even_bit = 2 * pair * kBits, odd_bit = even_bit + kBits;
        even_factor[8 * l + pair] = static_cast<uint16_t>(256 >> even_bit % 8);
        odd_factor[8 * l + pair] = static_cast<uint16_t>(256 >> odd_bit % 8);
        for (int v = 0; v < 2; ++v) {
          const int skipped = (2 * l + v) * 2 * kBits - load_at(v, l);
          for (int byte = 0; byte < 2; ++byte) {
            const int at = 16 * l + 2 * pair + byte;
            even[v][at] = window_byte(skipped + even_bit / 8 + byte);
            odd[v][at] = window_byte(skipped + odd_bit / 8 + byte);
          }
        }
      }
    }
  }

 private:
  // Past the loaded bytes lies nothing that a code of this lane needs.
  static constexpr int8_t window_byte(int at) {
    return at < 16 ? static_cast<int8_t>(at) : int8_t{-128};
  }
};

/// The same for instructions that gather bytes of 64 anywhere and then take bytes from any bits of
/// a 64-bit part, which holds eight codes. The bytes come from two loads, of the first and of the
/// last 64 of a unit, lanes 0 and 1 from the one, 2 and 3 from the other; a shorter unit is one
/// load.
template <int kBits>
struct ShiftTables {
  static constexpr int kUnitBytes = 16 * kBits;
  static constexpr bool kOneLoad = kUnitBytes <= 64;
  static constexpr int kSecondLoad = kOneLoad ? 0 : kUnitBytes - 64;

  alignas(64) uint8_t from[2][64];  ///< Which byte of its load each byte of a vector wants.
  alignas(64) uint8_t bit[64];      ///< Where in its 64 bits its code begins.

  constexpr ShiftTables() : from{}, bit{} {
    for (int i = 0; i < 64; ++i) {
      bit[i] = static_cast<uint8_t>(i % 8 * kBits);
      for (int v = 0; v < 2; ++v) {
        const int first_code = i / 16 * 32 + 16 * v + i % 16 / 8 * 8;
        const int byte = first_code * kBits / 8 + i % 8 - (i / 16 < 2 ? 0 : kSecondLoad);
        from[v][i] = static_cast<uint8_t>(i % 8 < kBits ? byte : 0);
      }
    }
  }
};

template <int kBits>
inline constexpr ShiftTables<kBits> kShiftTables{};

template <int kBits, int kLanes>
inline constexpr WindowTables<kBits, kLanes> kWindowTables{};

template <int kBits>
inline constexpr LaneShuffle kLaneShuffle = make_lane_shuffle(kBits);

template <int kBits>
inline constexpr UnitOrder kUnitOrder = make_unit_order(kBits);

}  // namespace mlxa::cpu
