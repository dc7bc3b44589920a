#include "nn/rope.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace mlxa::nn {
namespace {

array llama3_periods(int dims, float base, const Llama3Scaling& s) {
  std::vector<float> periods(static_cast<size_t>(dims) / 2);
  const float low_wavelength = s.original_max_position / s.low_freq_factor;
  const float high_wavelength = s.original_max_position / s.high_freq_factor;
  for (size_t i = 0; i < periods.size(); i++) {
    const float period = std::pow(base, 2.0f * static_cast<float>(i) / static_cast<float>(dims));
    const float wavelength = 2.0f * std::numbers::pi_v<float> * period;
    if (wavelength > low_wavelength) {
      periods[i] = period * s.factor;
    } else if (wavelength < high_wavelength) {
      periods[i] = period;
    } else {
      const float blend = (s.original_max_position / wavelength - s.low_freq_factor) /
                          (s.high_freq_factor - s.low_freq_factor);
      periods[i] = period / ((1.0f - blend) / s.factor + blend);
    }
  }
  return array(periods.begin(), {dims / 2}, float32);
}

}  // namespace

Rope::Rope(int dims, bool traditional, float base, const RopeScaling& scaling)
    : dims_(dims), traditional_(traditional), base_(base) {
  if (const auto* linear = std::get_if<LinearScaling>(&scaling)) scale_ = 1.0f / linear->factor;
  if (const auto* llama3 = std::get_if<Llama3Scaling>(&scaling)) {
    periods_ = llama3_periods(dims, base, *llama3);
  }
}

array Rope::operator()(const array& x, const array& offsets) const {
  const std::optional<float> base = periods_ ? std::nullopt : std::optional<float>(base_);
  return mx::fast::rope(x, dims_, traditional_, base, scale_, offsets, periods_);
}

}  // namespace mlxa::nn
