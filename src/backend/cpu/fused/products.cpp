#include "backend/cpu/fused/products.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

// Rows up to which code outside an engine gets the decode family.
constexpr int64_t kFewRows = 8;
// Weight bytes times rows below which another thread does not pay.
constexpr int64_t kMinChunkWork = 1 << 15;
constexpr int64_t kChunksPerThread = 4;

int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// Calls fn(begin, end) for pieces of [0, n) that start at multiples of kColumnAlign, in parallel.
// `column_work`: bytes of weights per column, times rows.
template <class F>
void for_columns(int64_t n, int64_t column_work, F&& fn) {
  ThreadPool& pool = ThreadPool::instance();
  const int64_t by_threads = pool.threads() * kChunksPerThread;
  const int64_t by_work = n * column_work / kMinChunkWork;
  const int64_t wanted = std::max<int64_t>(1, std::min(by_threads, by_work));
  const int64_t width = round_up((n + wanted - 1) / wanted, kColumnAlign);
  const int64_t chunks = (n + width - 1) / width;
  if (pool.threads() == 1 || chunks <= 1) {
    fn(int64_t{0}, n);
    return;
  }
  pool.run(chunks, [&](int64_t c) { fn(c * width, std::min(n, (c + 1) * width)); });
}

// Runs kernel(begin, end, y, ldy) over column pieces and stores each piece while it is in the
// cache.
template <class Kernel>
void run_columns(int64_t n, int64_t m, int64_t column_work, const Target& out, Kernel&& kernel) {
  if (out.type == FloatType::kFloat32 && !out.order) {
    auto* y = reinterpret_cast<float*>(out.data);
    for_columns(n, column_work,
                [&](int64_t begin, int64_t end) { kernel(begin, end, y, out.stride); });
    return;
  }
  auto* y = scratch_of<float>(kOutputSlot, static_cast<size_t>(m * n));
  const auto item = static_cast<int64_t>(size_of(out.type));
  for_columns(n, column_work, [&](int64_t begin, int64_t end) {
    kernel(begin, end, y, n);
    for (int64_t r = 0; r < m; r++) {
      vectors().store(y + r * n + begin, out.type, end - begin, out.row(r) + begin * item);
    }
  });
}

WeightFormat weight_format(QuantMode mode) {
  switch (mode) {
    case QuantMode::kAffine:
      return WeightFormat::kAffine;
    case QuantMode::kMxfp4:
      return WeightFormat::kMxfp4;
    case QuantMode::kMxfp8:
      return WeightFormat::kMxfp8;
    case QuantMode::kNvfp4:
      return WeightFormat::kNvfp4;
  }
  return WeightFormat::kAffine;
}

// Exact products of an engine's 16-bit files: what two int8 parts of the activations lose is far
// below what the rounding of scales and biases to 16 bits lost. Array programs get MLX's
// definition.
bool exact_in_parts(const QuantizedMatrix& w, const ComputeMode& mode) {
  return mode.phase != Phase::kAuto && w.format == WeightFormat::kAffine &&
         w.scale_type != FloatType::kFloat32;
}

}  // namespace

Family family_of(const ComputeMode& mode, int64_t rows) {
  switch (mode.phase) {
    case Phase::kDecode:
      return Family::kDecode;
    case Phase::kPrefill:
      return Family::kPrefill;
    case Phase::kAuto:
      break;
  }
  return rows <= kFewRows ? Family::kDecode : Family::kPrefill;
}

void multiply(const QuantizedMatrix& w, const float* x, int64_t m, const ComputeMode& mode,
              Family family, const Target& out) {
  const MatmulKernels& kernels = products();
  const int64_t work = w.k * w.bits / 8 * m;
  const size_t kernel_bytes = kernels.scratch_bytes(w.k);
  const bool exact = mode.precision == Precision::kExact;
  if (!has_int8_products(w) || (exact && !exact_in_parts(w, mode))) {
    run_columns(w.n, m, work, out, [&](int64_t begin, int64_t end, float* y, int64_t ldy) {
      kernels.qmm_exact(w, x, m, begin, end, y, ldy, family, scratch(kKernelSlot, kernel_bytes));
    });
    return;
  }
  const int64_t groups = w.k / activation_group(w);
  const int parts = exact ? 2 : 1;
  const int64_t rows = m * parts;
  const auto q_bytes = static_cast<size_t>(round_up(rows * w.k, 64));
  auto* memory = scratch_of<std::byte>(
      kRoundedSlot, q_bytes + static_cast<size_t>(2 * rows * groups) * sizeof(float));
  auto* scales = reinterpret_cast<float*>(memory + q_bytes);
  const Int8Rows rounded{reinterpret_cast<int8_t*>(memory), scales, scales + rows * groups, parts};
  constexpr int64_t kGrainElements = 1 << 14;
  ThreadPool::instance().parallel_for(m, kGrainElements / w.k + 1, [&](int64_t begin, int64_t end) {
    kernels.quantize_rows(x, w.k, begin, end, w, family, rounded);
  });
  run_columns(w.n, m, work, out, [&](int64_t begin, int64_t end, float* y, int64_t ldy) {
    kernels.qmm_fast(w, rounded, m, begin, end, y, ldy, family, scratch(kKernelSlot, kernel_bytes));
  });
}

void multiply(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, Family family,
              const Target& out) {
  const MatmulKernels& kernels = products();
  // The decode kernels read weight rows as they lie; columns need a repack.
  if (w.col_stride != 1 && w.k > 1) family = Family::kPrefill;
  const int64_t work = w.k * static_cast<int64_t>(size_of(w.type)) * m;
  const size_t kernel_bytes = kernels.scratch_bytes(w.k);
  run_columns(w.n, m, work, out, [&](int64_t begin, int64_t end, float* y, int64_t ldy) {
    kernels.dense(w, x, ldx, m, begin, end, y, ldy, family, scratch(kKernelSlot, kernel_bytes));
  });
}

QuantizedInput::QuantizedInput(std::span<const array> parts, const QuantParams& params)
    : w_(parts[0]),
      scales_(parts[1]),
      biases_(params.mode == QuantMode::kAffine ? &parts[2] : nullptr),
      params_(params) {}

int64_t QuantizedInput::count() const { return leading_count(w_, w_.ndim() - 2); }

QuantizedMatrix QuantizedInput::matrix(int64_t index) const {
  size_t used = 0;
  // All parts may need a copy: asked for at its largest, the slot keeps what earlier copies hold.
  auto allocate = [&](size_t bytes) {
    constexpr size_t kAlign = 64;
    const auto matrix_bytes = [](const array& a) {
      return static_cast<size_t>(a.shape(-2)) * static_cast<size_t>(a.shape(-1)) * a.itemsize() +
             kAlign;
    };
    auto* base = scratch_of<std::byte>(kOperandSlot, matrix_bytes(w_) + matrix_bytes(scales_) +
                                                         (biases_ ? matrix_bytes(*biases_) : 0));
    std::byte* at = base + used;
    used += (bytes + kAlign - 1) / kAlign * kAlign;
    return at;
  };
  const std::byte* w = matrix_in_order(w_, index, allocate);
  const std::byte* scales = matrix_in_order(scales_, index, allocate);
  const std::byte* biases = biases_ ? matrix_in_order(*biases_, index, allocate) : nullptr;
  return {reinterpret_cast<const uint8_t*>(w),
          scales,
          biases,
          float_type(scales_.dtype()),
          w_.shape(-2),
          static_cast<int64_t>(scales_.shape(-1)) * params_.group_size,
          params_.bits,
          params_.group_size,
          weight_format(params_.mode)};
}

}  // namespace mlxa::cpu
