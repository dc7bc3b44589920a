// Quantized products and the embedding of quantized rows.
#include <algorithm>

#include "backend/cpu/fused/products.h"

namespace mlxa::cpu {

// In quantize.cpp.
void quantize(const Primitive& primitive, std::span<const array> in, std::span<array> out);
void dequantize(const Primitive& primitive, std::span<const array> in, std::span<array> out);

namespace {

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

bool float_input(const Primitive& primitive, std::span<const array> in) {
  return has_product_types(params_of<QuantizedMatmul>(primitive), in);
}

}  // namespace

void add_quantization_ops(CpuOpTable& table) {
  table[OpKind::kQuantizedMatmul] = {quantized_matmul, float_input};
  table[OpKind::kEmbeddingQ] = {embedding_q, nullptr};
  table[OpKind::kQuantize] = {quantize, nullptr};
  table[OpKind::kDequantize] = {dequantize, nullptr};
}

}  // namespace mlxa::cpu
