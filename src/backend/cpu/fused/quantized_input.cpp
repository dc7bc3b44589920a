#include "backend/cpu/fused/products.h"

namespace mlxa::cpu {
namespace {

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

}  // namespace

QuantizedInput::QuantizedInput(std::span<const array> parts, const QuantParams& params)
    : w_(parts[0]),
      scales_(parts[1]),
      biases_(params.mode == QuantMode::kAffine ? &parts[2] : nullptr),
      params_(params) {}

int64_t QuantizedInput::count() const { return leading_count(w_, w_.ndim() - 2); }

bool QuantizedInput::in_place() const {
  return w_.flags().row_contiguous && scales_.flags().row_contiguous &&
         (!biases_ || biases_->flags().row_contiguous);
}

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
