// Norms and SwiGLU.
#include "backend/cpu/fused/common.h"
#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kGrainElements = 1 << 14;  // less is not worth another thread

int64_t row_grain(int64_t length) { return kGrainElements / (length + 1) + 1; }

// A vector of `length` weights; copied into this thread's kOperandSlot, at element `at`, only where
// its elements do not lie together.
const void* weights_of(const array& a, int64_t at, int64_t length) {
  const int64_t step = a.strides().back();
  if (step == 1 || length <= 1) return a.data<std::byte>();
  auto* copy = scratch_of<std::byte>(kOperandSlot, 2 * static_cast<size_t>(length) * sizeof(float));
  copy += at * static_cast<int64_t>(sizeof(float));
  gather_items(a.data<std::byte>(), step, length, a.itemsize(), copy);
  return copy;
}

std::byte* row_at(array& out, int64_t row, int64_t length) {
  return out.data<std::byte>() + row * length * static_cast<int64_t>(out.itemsize());
}

// Inputs: x, weight (absent: 1).
void rms_norm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const float eps = params_of<RMSNorm>(primitive).eps;
  const Rows x(in[0]);
  const int64_t n = x.length();
  const void* weight = in.size() > 1 ? weights_of(in[1], 0, n) : nullptr;
  const FloatType type = float_type(out[0].dtype());
  ThreadPool::instance().parallel_for(x.count(), row_grain(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      vectors().rms_norm(x.row(r), weight, eps, type, n, row_at(out[0], r, n));
    }
  });
}

// Inputs: x, residual, weight. Outputs: sum, norm of it.
void add_rms_norm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const float eps = params_of<AddRMSNorm>(primitive).eps;
  const Rows x(in[0]), residual(in[1]);
  const int64_t n = x.length();
  const void* weight = weights_of(in[2], 0, n);
  const FloatType type = float_type(out[0].dtype());
  const size_t bytes = static_cast<size_t>(n) * in[0].itemsize();
  ThreadPool::instance().parallel_for(x.count(), row_grain(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      vectors().add_rms_norm(x.row(r, 0, 2 * bytes), residual.row(r, bytes, 2 * bytes), weight, eps,
                             type, n, row_at(out[0], r, n), row_at(out[1], r, n));
    }
  });
}

// Inputs: x, weight, bias; one that was not given is a scalar.
void layer_norm(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const float eps = params_of<LayerNorm>(primitive).eps;
  const Rows x(in[0]);
  const int64_t n = x.length();
  const void* weight = in[1].ndim() ? weights_of(in[1], 0, n) : nullptr;
  const void* bias = in[2].ndim() ? weights_of(in[2], n, n) : nullptr;
  const FloatType type = float_type(out[0].dtype());
  ThreadPool::instance().parallel_for(x.count(), row_grain(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      vectors().layer_norm(x.row(r), weight, bias, eps, type, n, row_at(out[0], r, n));
    }
  });
}

// Inputs: gate, up.
void swiglu(const Primitive&, std::span<const array> in, std::span<array> out) {
  const FloatType type = float_type(out[0].dtype());
  const auto item = static_cast<int64_t>(out[0].itemsize());
  std::byte* to = out[0].data<std::byte>();
  if (in[0].flags().row_contiguous && in[1].flags().row_contiguous) {
    const std::byte *gate = in[0].data<std::byte>(), *up = in[1].data<std::byte>();
    ThreadPool::instance().parallel_for(static_cast<int64_t>(out[0].size()), kGrainElements,
                                        [&](int64_t begin, int64_t end) {
                                          vectors().swiglu(gate + begin * item, up + begin * item,
                                                           type, end - begin, to + begin * item);
                                        });
    return;
  }
  const Rows gate(in[0]), up(in[1]);
  const int64_t n = gate.length();
  const auto bytes = static_cast<size_t>(n * item);
  ThreadPool::instance().parallel_for(gate.count(), row_grain(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      vectors().swiglu(gate.row(r, 0, 2 * bytes), up.row(r, bytes, 2 * bytes), type, n,
                       row_at(out[0], r, n));
    }
  });
}

}  // namespace

void add_norm_ops(CpuOpTable& table) {
  table[OpKind::kRMSNorm] = {rms_norm, nullptr};
  table[OpKind::kAddRMSNorm] = {add_rms_norm, nullptr};
  table[OpKind::kLayerNorm] = {layer_norm, nullptr};
  table[OpKind::kSwiGLU] = {swiglu, nullptr};
}

}  // namespace mlxa::cpu
