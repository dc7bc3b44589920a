// Dense products.
#include <algorithm>

#include "backend/cpu/fused/products.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kGrainElements = 1 << 14;  // less is not worth another thread

bool float_inputs(const Primitive&, std::span<const array> in) {
  return std::all_of(in.begin(), in.begin() + 2,
                     [](const array& a) { return is_float(a.dtype()); });
}

// The matrices of `b` are one and the same.
bool one_matrix(const array& b) {
  for (size_t i = 0; i + 2 < b.ndim(); i++) {
    if (b.shape()[i] > 1 && b.strides()[i] != 0) return false;
  }
  return true;
}

// Rows [row, row + rows) of `a`, times w, to rows of `out`.
void multiply_rows(const array& a, const Rows& a_rows, int64_t row, int64_t rows,
                   const DenseMatrix& w, Family family, Target out) {
  std::byte* const data = out.data;
  const auto row_bytes = out.stride * static_cast<int64_t>(size_of(out.type));
  const bool in_place = a.dtype() == float32 && a.flags().row_contiguous;
  for (int64_t done = 0; done < rows; done += kMaxRows) {
    const int64_t m = std::min(kMaxRows, rows - done);
    const float* x = a.data<float>() + (row + done) * w.k;
    if (!in_place) x = load_rows(a_rows, m, [=](int64_t r) { return row + done + r; });
    out.data = data + done * row_bytes;
    multiply(w, x, w.k, m, family, out);
  }
}

// All products of a [.., M, K] and b [.., K, N] (equal leading axes) to `out`, in C order.
void multiply_all(const array& a, const array& b, const ComputeMode& mode, std::byte* out,
                  FloatType type) {
  const int64_t m = a.shape(-2), n = b.shape(-1);
  const int64_t batch = leading_count(a, a.ndim() - 2);
  const Rows rows(a);
  if (a.shape(-1) == 0) {
    std::fill_n(out, static_cast<size_t>(batch * m * n) * size_of(type), std::byte{0});
    return;
  }
  if (one_matrix(b)) {
    multiply_rows(a, rows, 0, batch * m, dense_matrix(b, 0), family_of(mode, batch * m),
                  {out, type, n});
    return;
  }
  auto one = [&](int64_t i) {
    std::byte* to = out + i * m * n * static_cast<int64_t>(size_of(type));
    multiply_rows(a, rows, i * m, m, dense_matrix(b, i), family_of(mode, m), {to, type, n});
  };
  ThreadPool& pool = ThreadPool::instance();
  if (batch >= pool.threads()) {
    pool.parallel_for(batch, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) one(i);
    });
  } else {
    for (int64_t i = 0; i < batch; i++) one(i);
  }
}

// Inputs: a [.., M, K], b [.., K, N].
void matmul(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  multiply_all(in[0], in[1], primitive.mode(), out[0].data<std::byte>(),
               float_type(out[0].dtype()));
}

// Inputs: a, b, c [.., M, N].
void addmm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const AddMMParams& params = params_of<AddMM>(primitive);
  const bool direct = out[0].dtype() == float32;
  auto* product = direct ? out[0].data<float>() : scratch_of<float>(kOperandSlot, out[0].size());
  multiply_all(in[0], in[1], primitive.mode(), reinterpret_cast<std::byte*>(product),
               FloatType::kFloat32);
  const Rows c(in[2]);
  const int64_t n = c.length();
  std::byte* to = out[0].data<std::byte>();
  const auto row_bytes = n * static_cast<int64_t>(out[0].itemsize());
  ThreadPool::instance().parallel_for(
      c.count(), kGrainElements / n + 1, [&](int64_t begin, int64_t end) {
        auto* row = scratch_of<float>(kTileSlot, static_cast<size_t>(n));
        for (int64_t r = begin; r < end; r++) {
          c.load(r, row);
          vectors().scale_add(product + r * n, params.alpha, row, params.beta, n);
          if (direct) continue;
          vectors().store(product + r * n, float_type(out[0].dtype()), n, to + r * row_bytes);
        }
      });
}

}  // namespace

void add_product_ops(CpuOpTable& table) {
  table[OpKind::kMatmul] = {matmul, float_inputs};
  table[OpKind::kAddMM] = {addmm, float_inputs};
}

}  // namespace mlxa::cpu
