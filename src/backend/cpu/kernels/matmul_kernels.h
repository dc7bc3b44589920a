// Matrix products: what one instruction set's kernels offer to the CPU back end.
//
// Every product is y[M, N] = x[M, K] * W[N, K]^T with float32 x and y; W keeps its stored form. The
// functions compute the output columns [n_begin, n_end) of all M rows and touch nothing else, so a
// caller splits N over threads at any multiple of kColumnAlign. They never allocate or throw.
//
// Two families ("Equal how" in docs/ARCHITECTURE.md): *decode* streams W once in place and serves
// few rows; *prefill* repacks panels of W into the caller's scratch and serves many. Within a
// family an output element's bits depend on its own row of x and its own row of W alone, never on
// M, on the split of N or on the thread count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mlxa::cpu {

enum class FloatType : uint8_t { kFloat32, kFloat16, kBFloat16 };

/// Bytes of one element.
inline constexpr size_t size_of(FloatType type) { return type == FloatType::kFloat32 ? 4 : 2; }

/// What the codes and scales of a quantized matrix mean.
///   kAffine  w = scale * code + bias; 2, 3, 4, 5, 6, 8 bits in groups of 32, 64, 128
///   kMxfp4   w = scale * code; E2M1 codes (4 bits), E8M0 scales (a byte), groups of 32
///   kMxfp8   likewise with E4M3 codes (8 bits); scales from 2^120 on overflow
///   kNvfp4   likewise with E2M1 codes and E4M3 scales, groups of 16
enum class WeightFormat : uint8_t { kAffine, kMxfp4, kMxfp8, kNvfp4 };

/// A quantized matrix in the MLX layout, in place: row n is K * bits / 8 bytes of packed
/// little-endian codes, then elsewhere K / group_size scales and biases. Weight rows need 4-byte
/// alignment only, scales and biases their own type's.
struct QuantizedMatrix {
  const uint8_t* weight;  ///< [N, K * bits / 8] bytes
  const void* scales;     ///< [N, K / group_size]
  const void* biases;     ///< [N, K / group_size]; of kAffine alone
  FloatType scale_type;   ///< of scales and biases; of kAffine alone
  int64_t n;
  int64_t k;
  int bits;
  int group_size;
  WeightFormat format = WeightFormat::kAffine;
};

/// A dense matrix: element (n, k) at data + n * row_stride + k * col_stride elements.
struct DenseMatrix {
  const void* data;
  FloatType type;
  int64_t n;
  int64_t k;
  int64_t row_stride;
  int64_t col_stride;
};

/// Activations that share a scale. Twice as many would save a tenth of prefill and cost a quarter
/// of the precision.
inline constexpr int kActivationGroup = 32;

/// Activations that share a scale in products with w: no more than weights do.
inline constexpr int activation_group(const QuantizedMatrix& w) {
  return w.group_size < kActivationGroup ? w.group_size : kActivationGroup;
}

/// Whether w has products with int8 activations: E4M3 codes are no integers of 8 bits.
inline constexpr bool has_int8_products(const QuantizedMatrix& w) {
  return w.format != WeightFormat::kMxfp8;
}

/// Rows of activations rounded to int8 by groups of activation_group(w) elements: x ~= scale * q,
/// where scale is the largest magnitude / 127 less what kScaleMask cuts off, 0 if that is no normal
/// number, and q = x * (1 / scale) to the nearest integer, half to even.
///
/// With two parts the rows of M come in pairs: the first of a pair as above, the second what that
/// left over, 256 times finer, at most 127 of its steps. Together they keep 16 bits of a group.
///
/// `q` is stored in an order private to the kernel set and to (w, family); `sums[m, g]` is
/// scale * sum of the group's q (the bias term of weights w = scale * code + bias needs it).
struct Int8Rows {
  int8_t* q;      ///< [M, K], M counted with parts
  float* scales;  ///< [M, K / activation_group(w)]
  float* sums;    ///< [M, K / activation_group(w)]
  int parts = 1;  ///< 1 or 2
  /// Of all rows of a product, what arrange_rows made of them; nullptr: qmm_fast does it itself.
  void* arranged = nullptr;
};

/// How much finer the second part is.
inline constexpr float kPartRatio = 256.0f;

/// The bits that scales of activations keep: so a scale times 3 * 2^22 is exact in float32, which
/// spares kernels a conversion.
inline constexpr uint32_t kScaleMask = 0xfffffffc;

/// Integer sums start at kMagic, the bits of a float whose last mantissa bit stands for 1: finished
/// sums are the bits of the float kMagicSum + sum. Taking that away while multiplying by scale_x is
/// exact (kScaleMask), and spares the conversion.
inline constexpr int32_t kMagic = 0x4b400000;
inline constexpr float kMagicSum = 12582912.0f;

/// Rows of activations in bfloat16, for products in tiles: `parts` of them add up to a row of x,
/// each the nearest to what those before it left over; one keeps 8 bits of each element, two
/// keep 16.
struct BFloat16Rows {
  uint16_t* values;  ///< count(M, K, parts), 64-byte aligned, in the kernels' order
  float* sums;       ///< padded_rows(M) * K / w.group_size, likewise; for affine weights alone
  int parts = 1;

  static constexpr int64_t kBlock = 32;  ///< Rows that lie together; missing ones hold anything.
  static constexpr int64_t kStep = 32;   ///< Elements of a row that lie together.
  static constexpr int64_t padded_rows(int64_t m) { return (m + kBlock - 1) / kBlock * kBlock; }
  static constexpr int64_t steps(int64_t k) { return (k + kStep - 1) / kStep; }
  static constexpr int64_t count(int64_t m, int64_t k, int parts) {
    return padded_rows(m) * steps(k) * kStep * parts;
  }
};

/// Rows of activations in float16, for products that are made in that type: each times a power of
/// two that brings its largest magnitude below 2^14.
struct HalfRows {
  uint16_t* values;  ///< [M, padded(K)], 64-byte aligned, in the kernels' order
  float* scales;     ///< [M]: what takes the power of two away again

  static constexpr int64_t kStep = 64;  ///< Elements of a row that lie together.
  static constexpr int64_t padded(int64_t k) { return (k + kStep - 1) / kStep * kStep; }
};

/// Output columns per unit of work: callers split N at its multiples.
inline constexpr int64_t kColumnAlign = 32;

enum class Family : uint8_t { kDecode, kPrefill };

/// Products of the prefill family on a unit that multiplies tiles of bfloat16: codes of affine
/// weights and numbers of the other formats are exact in that type, and sums are float32.
struct TileKernels {
  /// Rounds rows [m_begin, m_end) of x[M, K] (row stride K) for a product with `w`.
  void (*round_rows)(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                     const QuantizedMatrix& w, const BFloat16Rows& out) noexcept;

  /// y[m * ldy + n] for m rows made by round_rows. `scratch` holds scratch_bytes, 64-byte aligned,
  /// one per thread.
  void (*multiply)(const QuantizedMatrix& w, const BFloat16Rows& x, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy, void* scratch) noexcept;

  size_t scratch_bytes;
};

/// Products of the decode family with mxfp8 weights and float16 activations: both factors have 11
/// bits or fewer, sums of two products are rounded to 11, all others are float32.
struct HalfKernels {
  /// Rounds rows [m_begin, m_end) of x[M, K] (row stride K).
  void (*round_rows)(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                     const HalfRows& out) noexcept;

  /// y[m * ldy + n] for m rows made by round_rows.
  void (*multiply)(const QuantizedMatrix& w, const HalfRows& x, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy) noexcept;
};

struct MatmulKernels {
  /// Rounds rows [m_begin, m_end) of x[M, K] (row stride K) for a product with `w` of `family`, to
  /// out.parts rows each.
  void (*quantize_rows)(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                        const QuantizedMatrix& w, Family family, const Int8Rows& out) noexcept;

  /// Bytes that a row of activations, counted with parts, takes in Int8Rows::arranged; 0 where
  /// qmm_fast of that family reads them as they are.
  size_t (*arranged_bytes)(const QuantizedMatrix& w, Family family) noexcept;

  /// Arranges rows [begin, end) of the `rows` rows of a product, counted with parts, as qmm_fast of
  /// the family reads them: once for all calls that share the work. x.arranged is 64-byte aligned.
  void (*arrange_rows)(const QuantizedMatrix& w, Family family, const Int8Rows& x, int64_t rows,
                       int64_t begin, int64_t end) noexcept;

  /// Integer products: int8 activations (made by quantize_rows for the same w and family) of m
  /// rows, whose parts are added up, with matrices that have them (has_int8_products):
  /// y[m * ldy + n]. `scratch` holds scratch_bytes(w.k), 64-byte aligned, one per thread.
  void (*qmm_fast)(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy, Family family, void* scratch) noexcept;

  /// Exact products: float32 activations, float32 accumulation, weights expanded to float32.
  void (*qmm_exact)(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                    int64_t n_end, float* y, int64_t ldy, Family family, void* scratch) noexcept;

  /// Dense products: float32 accumulation; x has row stride ldx. Decode needs col_stride == 1.
  void (*dense)(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                int64_t n_end, float* y, int64_t ldy, Family family, void* scratch) noexcept;

  /// Bytes of scratch per thread that any of the products above needs for inner dimension k.
  size_t (*scratch_bytes)(int64_t k) noexcept;

  /// Expands rows [n_begin, n_end) to float32, row-major [n_end - n_begin, K].
  void (*dequantize)(const QuantizedMatrix& w, int64_t n_begin, int64_t n_end, float* out) noexcept;

  /// nullptr where the instruction set has no such unit.
  const TileKernels* tiles = nullptr;

  /// nullptr where float16 is not multiplied.
  const HalfKernels* halves = nullptr;
};

/// One table per instruction set, each made by its file under isa/.
extern const MatmulKernels kScalarMatmul;
extern const MatmulKernels kAvx2Matmul;
extern const MatmulKernels kAvx512Matmul;
extern const MatmulKernels kAmxMatmul;
extern const TileKernels kAmxTiles;
extern const HalfKernels kHalfProducts;

}  // namespace mlxa::cpu
