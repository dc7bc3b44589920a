// Quantized products and the embedding of quantized rows.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "backend/cpu/fused/products.h"
#include "base/thread_pool.h"

namespace mlxa::cpu {

// In quantize.cpp.
void quantize(const Primitive& primitive, std::span<const array> in, std::span<array> out);
void dequantize(const Primitive& primitive, std::span<const array> in, std::span<array> out);

namespace {

int64_t checked_index(const char* op, int64_t index, int64_t count) {
  if (index >= 0 && index < count) return index;
  throw std::out_of_range("[" + std::string(op) + "] index " + std::to_string(index) +
                          ", expected 0 to " + std::to_string(count - 1));
}

// Rows given by rows_of(r), as float32 in kInputSlot.
template <class RowOf>
const float* load_rows(const Rows& x, int64_t m, RowOf&& row_of) {
  const int64_t k = x.length();
  auto* to = scratch_of<float>(kInputSlot, static_cast<size_t>(m * k));
  constexpr int64_t kGrainElements = 1 << 15;
  ThreadPool::instance().parallel_for(m, kGrainElements / k + 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) x.load(row_of(r), to + r * k);
  });
  return to;
}

// One matrix times float32 rows. Without `transpose` the stored rows run along the inner dimension:
// the matrix is expanded and taken as a dense one.
void multiply_any(const QuantizedMatrix& w, bool transpose, const float* x, int64_t m,
                  const ComputeMode& mode, Family family, const Target& out) {
  if (transpose) {
    multiply(w, x, m, mode, family, out);
    return;
  }
  auto* dense = scratch_of<float>(kTileSlot, static_cast<size_t>(w.n * w.k));
  ThreadPool::instance().parallel_for(w.n, 16, [&](int64_t begin, int64_t end) {
    products().dequantize(w, begin, end, dense + begin * w.k);
  });
  const DenseMatrix view{dense, FloatType::kFloat32, w.k, w.n, 1, w.k};
  multiply(view, x, w.n, m, family, out);
}

// Inputs: x [.., M, K], w, scales[, biases]: one matrix, or one for each of x's.
void quantized_matmul(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<QuantizedMatmul>(primitive);
  const QuantizedInput weights(in.subspan(1), params);
  const Rows x(in[0]);
  const int64_t n = out[0].shape(-1);
  const int64_t matrices = in[1].ndim() > 2 ? weights.count() : 1;
  const int64_t rows = x.count() / matrices;
  const FloatType type = float_type(out[0].dtype());
  const Family family = family_of(primitive.mode(), rows);
  for (int64_t i = 0; i < matrices; i++) {
    const QuantizedMatrix w = weights.matrix(i);
    for (int64_t done = 0; done < rows; done += kMaxRows) {
      const int64_t m = std::min(kMaxRows, rows - done), first = i * rows + done;
      const float* values = load_rows(x, m, [=](int64_t r) { return first + r; });
      std::byte* to = out[0].data<std::byte>() + first * n * static_cast<int64_t>(size_of(type));
      multiply_any(w, params.transpose, values, m, primitive.mode(), family, {to, type, n});
    }
  }
}

// The products of a gather, ordered by matrix: positions[begin[e] .. begin[e + 1]) use matrix e.
struct Groups {
  int32_t* begin;      // [matrices + 1]
  int32_t* positions;  // [products]
};

Groups group_by_matrix(const array& indices, int64_t matrices, int32_t* memory) {
  const auto count = static_cast<int64_t>(indices.size());
  const Groups groups{memory, memory + matrices + 2};
  std::fill_n(groups.begin, matrices + 2, 0);
  for (int64_t i = 0; i < count; i++) {
    groups.begin[checked_index("gather_qmm", integer_at(indices, i), matrices) + 2]++;
  }
  for (int64_t e = 0; e < matrices; e++) groups.begin[e + 2] += groups.begin[e + 1];
  for (int64_t i = 0; i < count; i++) {
    groups.positions[groups.begin[integer_at(indices, i) + 1]++] = static_cast<int32_t>(i);
  }
  return groups;
}

// Inputs: x [.., M, K], w, scales[, biases] [E, ..], indices of x's matrices and of w's (equal
// shapes). Rows of one matrix are multiplied together, so that it is read once.
void gather_qmm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<GatherQMM>(primitive);
  const array &x_index = in[in.size() - 2], &w_index = in.back();
  const QuantizedInput weights(in.subspan(1), params);
  const Rows x(in[0]);
  const int64_t n = out[0].shape(-1), m = in[0].shape(-2);
  const int64_t sources = x.count() / std::max<int64_t>(m, 1), matrices = weights.count();
  const auto wanted = static_cast<int64_t>(w_index.size());
  for (int64_t i = 0; i < wanted; i++) {
    checked_index("gather_qmm", integer_at(x_index, i), sources);
  }
  const FloatType type = float_type(out[0].dtype());
  const Family family = family_of(primitive.mode(), wanted * m);
  // kOutputSlot and kInputSlot are in use during a product, and kOperandSlot for strided weights.
  auto* memory =
      scratch_of<int32_t>(kOrderSlot, static_cast<size_t>(matrices + 2 + wanted + kMaxRows));
  const Groups groups = group_by_matrix(w_index, matrices, memory);
  int32_t* order = memory + matrices + 2 + wanted;
  for (int64_t e = 0; e < matrices; e++) {
    const int32_t* positions = groups.positions + groups.begin[e];
    const int64_t rows = (groups.begin[e + 1] - groups.begin[e]) * m;
    if (rows == 0) continue;
    const QuantizedMatrix w = weights.matrix(e);
    for (int64_t done = 0; done < rows; done += kMaxRows) {
      const int64_t count = std::min(kMaxRows, rows - done);
      const float* values = load_rows(x, count, [&](int64_t r) {
        const int64_t row = done + r;
        return integer_at(x_index, positions[row / m]) * m + row % m;
      });
      for (int64_t r = 0; r < count; r++) {
        const int64_t row = done + r;
        order[r] = static_cast<int32_t>(positions[row / m] * m + row % m);
      }
      multiply_any(w, params.transpose, values, count, primitive.mode(), family,
                   {out[0].data<std::byte>(), type, n, order});
    }
  }
}

// Inputs: ids, w, scales[, biases].
void embedding_q(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const QuantParams& params = params_of<EmbeddingQ>(primitive);
  const QuantizedMatrix w = QuantizedInput(in.subspan(1), params).matrix(0);
  const auto count = static_cast<int64_t>(in[0].size());
  for (int64_t i = 0; i < count; i++) {
    checked_index("embedding_q", integer_at(in[0], i), w.n);
  }
  std::byte* to = out[0].data<std::byte>();
  const auto row_bytes = w.k * static_cast<int64_t>(out[0].itemsize());
  const FloatType type = float_type(out[0].dtype());
  ThreadPool::instance().parallel_for(count, 8, [&](int64_t begin, int64_t end) {
    auto* row = scratch_of<float>(kTileSlot, static_cast<size_t>(w.k));
    for (int64_t i = begin; i < end; i++) {
      const int64_t id = integer_at(in[0], i);
      products().dequantize(w, id, id + 1, row);
      vectors().store(row, type, w.k, to + i * row_bytes);
    }
  });
}

// Affine scales may have a type that the kernels do not read.
template <class T>
bool float_input(const Primitive& primitive, std::span<const array> in) {
  const bool affine = params_of<T>(primitive).mode == QuantMode::kAffine;
  return is_float(in[0].dtype()) && (!affine || is_float(in[2].dtype()));
}

}  // namespace

void add_quantization_ops(CpuOpTable& table) {
  table[OpKind::kQuantizedMatmul] = {quantized_matmul, float_input<QuantizedMatmul>};
  table[OpKind::kGatherQMM] = {gather_qmm, float_input<GatherQMM>};
  table[OpKind::kEmbeddingQ] = {embedding_q, nullptr};
  table[OpKind::kQuantize] = {quantize, nullptr};
  table[OpKind::kDequantize] = {dequantize, nullptr};
}

}  // namespace mlxa::cpu
