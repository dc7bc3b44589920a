// Hadamard matrices of the orders that are no power of two, as MLX has them: rows are orthogonal,
// and which of the equivalent matrices it is decides the result.
#pragma once

#include <cstdint>

namespace mlxa {

// Bit j of row i: entry (i, j) is -1.

inline constexpr uint32_t kHadamard12[] = {0x2,   0xaab, 0x3c8, 0x96e, 0xf20, 0x5ba,
                                           0xc8c, 0x6e6, 0x23c, 0xb96, 0x8f0, 0xe5a};
inline constexpr uint32_t kHadamard20[] = {
    0x933de, 0x2e3bd, 0x5477b, 0xa0ef7, 0x499ef, 0x637c1, 0xc6ba2, 0x8d764, 0x1aee8, 0x359f0,
    0xfa53,  0x174a7, 0x26d4e, 0x45e9c, 0x83d39, 0xf7a6d, 0xef4fa, 0xdedd5, 0xbdf8b, 0x7bf36};
inline constexpr uint32_t kHadamard28[] = {
    0xcd69e7e, 0x9ad7c7d, 0x37ab8fb, 0x6d571f7, 0xd8ae3ef, 0xb3587df, 0x66b4f3f,
    0xb467f43, 0x6acbe87, 0xd593d8e, 0xab27b9c, 0x564f7b8, 0xac9aff0, 0x5b31fe1,
    0x87fb325, 0xff66ca,  0x1decd95, 0x39ddb2a, 0x71bf654, 0xe17eca9, 0xc2fd9d2,
    0xfcf1299, 0xfbe2532, 0xf7c4ae4, 0xef8d549, 0xdf1ea13, 0xbe3d4a6, 0x7e7a94c};

/// 1 or -1: an entry of the matrix of order 1, 12, 20 or 28.
constexpr float hadamard_sign(int order, int row, int column) {
  const uint32_t* rows = order == 12 ? kHadamard12 : order == 20 ? kHadamard20 : kHadamard28;
  return order > 1 && (rows[row] >> column & 1) ? -1.0f : 1.0f;
}

}  // namespace mlxa
