// Quantized products and the embedding of quantized rows.
#include <algorithm>
#include <array>

#include "backend/cpu/fused/products.h"

namespace mlxa::cpu {

// In quantize.cpp.
void quantize(const Primitive& primitive, std::span<const array> in, std::span<array> out);
void dequantize(const Primitive& primitive, std::span<const array> in, std::span<array> out);

namespace {

// Rows [first, first + m) of an input as float32.
const float* rows_of(const array& a, const Rows& rows, int64_t first, int64_t m) {
  if (a.dtype() == float32 && a.flags().row_contiguous) {
    return a.data<float>() + first * rows.length();
  }
  return load_rows(rows, m, [=](int64_t r) { return first + r; });
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
      const float* values = rows_of(in[0], x, first, m);
      std::byte* to = out[0].data<std::byte>() + first * n * static_cast<int64_t>(size_of(type));
      multiply_any(w, params.transpose, values, m, primitive.mode(), family, {to, type, n});
    }
  }
}

constexpr size_t kMostTogether = 4;

// Steps of decode by matrices alike in all but their columns.
bool matmuls_join(const Primitive& a, std::span<const array> a_in, const Primitive& b,
                  std::span<const array> b_in) {
  const QuantParams& params = params_of<QuantizedMatmul>(a);
  return params == params_of<QuantizedMatmul>(b) && params.transpose && a.mode() == b.mode() &&
         a.mode().phase == Phase::kDecode && a_in[0].dtype() == float32 && a_in[1].ndim() == 2 &&
         b_in[1].ndim() == 2 && a_in[2].dtype() == b_in[2].dtype();
}

void quantized_matmuls(std::span<const NodeCall> calls) {
  const array& in = calls[0].inputs[0];
  const Rows x(in);
  std::array<RowGroup<QuantizedMatrix>, kMostTogether> groups;
  std::array<Target, kMostTogether> targets;
  bool in_place = calls.size() <= kMostTogether && x.count() <= kMaxRows;
  for (size_t i = 0; in_place && i < calls.size(); i++) {
    const auto& [primitive, inputs, outputs] = calls[i];
    const QuantizedInput weights(inputs.subspan(1), params_of<QuantizedMatmul>(*primitive));
    in_place = weights.in_place();
    if (!in_place) break;
    targets[i] = {outputs[0].data<std::byte>(), FloatType::kFloat32, outputs[0].shape(-1)};
    groups[i] = {weights.matrix(0), 0, x.count(), Family::kDecode, &targets[i]};
  }
  if (!in_place) {
    for (const NodeCall& call : calls) quantized_matmul(*call.primitive, call.inputs, call.outputs);
    return;
  }
  multiply_each({groups.data(), calls.size()}, rows_of(in, x, 0, x.count()),
                calls[0].primitive->mode());
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
  table[OpKind::kQuantizedMatmul] = {quantized_matmul, float_input, matmuls_join,
                                     quantized_matmuls};
  table[OpKind::kEmbeddingQ] = {embedding_q, nullptr};
  table[OpKind::kQuantize] = {quantize, nullptr};
  table[OpKind::kDequantize] = {dequantize, nullptr};
}

}  // namespace mlxa::cpu
