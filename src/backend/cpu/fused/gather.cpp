// Products of chosen matrices, dense and quantized: what a mixture of experts computes. Rows that
// share a matrix are multiplied together, so that each chosen matrix is read once, in place, and
// the others are never touched.
#include <algorithm>
#include <array>

#include "array/backend.h"
#include "backend/cpu/fused/products.h"

namespace mlxa::cpu {
namespace {

// What is asked for: product p multiplies matrix lhs[p] of x, `height` rows, with matrix rhs[p].
struct Gather {
  const char* op;
  const array &x, &lhs, &rhs;
  int64_t matrices;  // that rhs chooses from
  const ComputeMode& mode;

  int64_t height() const { return x.shape(-2); }
  int64_t products() const { return static_cast<int64_t>(rhs.size()); }
};

// The products ordered by matrix: places [begin[e], begin[e + 1]) use matrix e. In kOrderSlot.
struct Order {
  int32_t* begin;     // [matrices + 1]
  int32_t* position;  // the product at each place
  int32_t* source;    // its matrix of x
  int32_t* rows;      // [kMaxRows], for the rows of a pass
};

Order order_by_matrix(const Gather& gather) {
  const int64_t count = gather.products(), matrices = gather.matrices;
  auto* memory =
      scratch_of<int32_t>(kOrderSlot, static_cast<size_t>(matrices + 2 + 2 * count + kMaxRows));
  Order order{memory, memory + matrices + 2, nullptr, nullptr};
  order.source = order.position + count;
  order.rows = order.source + count;
  const int64_t sources = leading_count(gather.x, gather.x.ndim() - 2);
  std::fill_n(order.begin, matrices + 2, 0);
  // Counted two places on, so that filling moves every begin to where it belongs.
  for (int64_t p = 0; p < count; p++) {
    order.begin[checked_index(gather.op, integer_at(gather.rhs, p), matrices) + 2]++;
  }
  for (int64_t e = 0; e < matrices; e++) order.begin[e + 2] += order.begin[e + 1];
  for (int64_t p = 0; p < count; p++) {
    const int32_t place = order.begin[integer_at(gather.rhs, p) + 1]++;
    order.position[place] = static_cast<int32_t>(p);
    order.source[place] =
        static_cast<int32_t>(checked_index(gather.op, integer_at(gather.lhs, p), sources));
  }
  return order;
}

int64_t bytes_of(const DenseMatrix& w) { return w.n * w.k * static_cast<int64_t>(size_of(w.type)); }

int64_t bytes_of(const QuantizedMatrix& w) {
  const auto factors = w.format == WeightFormat::kAffine
                           ? 2 * static_cast<int64_t>(size_of(w.scale_type))
                           : int64_t{1};
  return w.n * w.k * w.bits / 8 + w.n * (w.k / w.group_size) * factors;
}

// Walks the ordered rows in passes of at most kMaxRows, each of whole groups or of one that is
// larger: for each pass multiply(groups, x, order of the rows). `most`: groups of a pass.
template <class MatrixAt, class Multiply>
void for_passes(const Gather& gather, size_t most, MatrixAt&& matrix_at, Multiply&& multiply) {
  using Matrix = decltype(matrix_at(int64_t{0}));
  constexpr size_t kMostGroups = 64;
  std::array<RowGroup<Matrix>, kMostGroups> groups;
  most = std::min(most, kMostGroups);
  const Rows x(gather.x);
  const Order order = order_by_matrix(gather);
  const int64_t height = gather.height(), total = gather.products() * height;
  int64_t matrix = 0;
  for (int64_t first = 0; first < total;) {
    size_t used = 0;
    int64_t rows = 0, bytes = 0;
    while (used < most && rows < kMaxRows && first + rows < total) {
      while (order.begin[matrix + 1] * height <= first + rows) matrix++;
      const int64_t left = order.begin[matrix + 1] * height - first - rows;
      if (used > 0 && left > kMaxRows - rows) break;
      const int64_t all = (order.begin[matrix + 1] - order.begin[matrix]) * height;
      groups[used++] = {matrix_at(matrix), rows, std::min(left, kMaxRows - rows),
                        family_of(gather.mode, all)};
      rows += groups[used - 1].count;
      bytes += bytes_of(groups[used - 1].w);
    }
    for (int64_t r = 0; r < rows; r++) {
      const int64_t row = first + r;
      order.rows[r] = static_cast<int32_t>(order.position[row / height] * height + row % height);
    }
    const float* values = load_rows(x, rows, [&](int64_t r) {
      const int64_t row = first + r;
      return order.source[row / height] * height + row % height;
    });
    multiply(std::span<const RowGroup<Matrix>>(groups.data(), used), values, order.rows);
    add_chosen_bytes(static_cast<uint64_t>(bytes));
    first += rows;
  }
}

// Inputs: x [.., M, K], w, scales[, biases] [E, ..], indices of x's matrices and of w's (equal
// shapes).
void gather_qmm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<GatherQMM>(primitive);
  const QuantizedInput weights(in.subspan(1), params);
  const Gather gather{"gather_qmm", in[0],           in[in.size() - 2],
                      in.back(),    weights.count(), primitive.mode()};
  Target target{out[0].data<std::byte>(), float_type(out[0].dtype()), out[0].shape(-1)};
  const auto matrix_at = [&](int64_t e) { return weights.matrix(e); };
  // Copies and expanded matrices have memory for one at a time.
  const bool together = params.transpose && weights.in_place();
  for_passes(gather, together ? SIZE_MAX : 1, matrix_at,
             [&](auto groups, const float* x, const int32_t* rows) {
               target.order = rows;
               if (together) return multiply(groups, x, gather.mode, target);
               const auto& one = groups[0];
               multiply_any(one.w, params.transpose, x, one.count, gather.mode, one.family, target);
             });
}

// Inputs: a [.., M, K], b [.., K, N], indices of a's and of b's matrices (equal shapes).
void gather_mm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const int64_t matrices = leading_count(in[1], in[1].ndim() - 2), k = in[0].shape(-1);
  const Gather gather{"gather_mm", in[0], in[2], in[3], matrices, primitive.mode()};
  Target target{out[0].data<std::byte>(), float_type(out[0].dtype()), out[0].shape(-1)};
  for_passes(
      gather, SIZE_MAX, [&](int64_t e) { return dense_matrix(in[1], e); },
      [&](auto groups, const float* x, const int32_t* rows) {
        target.order = rows;
        multiply(groups, x, k, target);
      });
}

bool quantized_types(const Primitive& primitive, std::span<const array> in) {
  return has_product_types(params_of<GatherQMM>(primitive), in);
}

bool dense_types(const Primitive&, std::span<const array> in) {
  return is_float(in[0].dtype()) && is_float(in[1].dtype());
}

}  // namespace

void add_gather_ops(CpuOpTable& table) {
  table[OpKind::kGatherQMM] = {gather_qmm, quantized_types};
  table[OpKind::kGatherMM] = {gather_mm, dense_types};
}

}  // namespace mlxa::cpu
