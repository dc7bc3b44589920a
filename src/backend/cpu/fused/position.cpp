// Rotary position embedding.
#include <cmath>
#include <cstring>
#include <vector>

#include "backend/cpu/fused/common.h"
#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

// Sines and cosines of the positions of one call. All layers of a step rotate the same positions,
// hence each thread keeps the last table it made.
class RotationTable {
 public:
  // cos and sin of sequence `offset` b, step t: `width` floats each, back to back.
  const float* row(int64_t b, int64_t t) const {
    return values_.data() + (b * steps_ + t) * 2 * width_;
  }
  int64_t width() const { return width_; }

  void prepare(const RoPEParams& params, const array& offset, const array* periods, int64_t steps) {
    if (!remember(params, offset, periods, steps)) return;
    const int64_t half = params.dims / 2;
    width_ = params.traditional ? params.dims : half;
    values_.resize(offsets_.size() * static_cast<size_t>(steps * 2 * width_));
    for (size_t b = 0; b < offsets_.size(); b++) {
      for (int64_t t = 0; t < steps; t++) {
        // Angles in double: a float loses 1e-4 of a turn at position 2000.
        const double position = params.scale * (static_cast<double>(offsets_[b]) + t);
        float* cosines = values_.data() + (static_cast<int64_t>(b) * steps + t) * 2 * width_;
        fill(position, half, params.traditional, cosines, cosines + width_);
      }
    }
  }

 private:
  // False where the table holds these positions already.
  bool remember(const RoPEParams& params, const array& offset, const array* periods,
                int64_t steps) {
    const auto count = static_cast<int64_t>(offset.size());
    const int64_t half = params.dims / 2;
    bool same = params_ == params && steps_ == steps && has_periods_ == (periods != nullptr) &&
                static_cast<int64_t>(offsets_.size()) == count;
    offsets_.resize(static_cast<size_t>(count));
    rates_.resize(static_cast<size_t>(half));
    periods_.resize(static_cast<size_t>(half));
    for (int64_t b = 0; b < count; b++) {
      const auto value = integer_at(offset, b);
      same = same && offsets_[static_cast<size_t>(b)] == value;
      offsets_[static_cast<size_t>(b)] = value;
    }
    for (int64_t i = 0; periods && i < half; i++) {
      float value;
      const std::byte* from = periods->data<std::byte>() +
                              i * periods->strides(0) * static_cast<int64_t>(periods->itemsize());
      vectors().load(from, float_type(periods->dtype()), 1, &value);
      same = same && periods_[static_cast<size_t>(i)] == value;
      periods_[static_cast<size_t>(i)] = value;
    }
    if (same) return false;
    params_ = params;
    steps_ = steps;
    has_periods_ = periods != nullptr;
    for (int64_t i = 0; i < half; i++) {
      rates_[static_cast<size_t>(i)] =
          periods ? 1.0 / static_cast<double>(periods_[static_cast<size_t>(i)])
                  : std::pow(static_cast<double>(params.base),
                             -2.0 * static_cast<double>(i) / params.dims);
    }
    return true;
  }

  void fill(double position, int64_t half, bool traditional, float* cosines, float* sines) const {
    for (int64_t i = 0; i < half; i++) {
      const double angle = position * rates_[static_cast<size_t>(i)];
      const auto cosine = static_cast<float>(std::cos(angle));
      const auto sine = static_cast<float>(std::sin(angle));
      if (traditional) {
        cosines[2 * i] = cosines[2 * i + 1] = cosine;
        sines[2 * i] = -sine;
        sines[2 * i + 1] = sine;
      } else {
        cosines[i] = cosine;
        sines[i] = sine;
      }
    }
  }

  RoPEParams params_{};
  bool has_periods_ = false;
  int64_t steps_ = -1, width_ = 0;
  std::vector<int64_t> offsets_;
  std::vector<float> periods_;
  std::vector<double> rates_;
  std::vector<float> values_;
};

// Inputs: x [.., T, D], offset (scalar or one per index of axis 0), periods.
void rope(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const RoPEParams& params = params_of<RoPE>(primitive);
  const array& x = in[0];
  const int64_t steps = x.shape(-2);
  thread_local RotationTable made;
  RotationTable& table = made;  // the caller's, also on other threads
  table.prepare(params, in[1], in.size() > 2 ? &in[2] : nullptr, steps);
  const Rows rows(x);
  const int64_t n = rows.length();
  const int64_t per_offset = rows.count() / static_cast<int64_t>(in[1].size());
  const FloatType type = float_type(x.dtype());
  std::byte* to = out[0].data<std::byte>();
  constexpr int64_t kGrainElements = 1 << 14;
  ThreadPool::instance().parallel_for(
      rows.count(), kGrainElements / n + 1, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
          const float* cosines = table.row(r / per_offset, r % steps);
          vectors().rope(rows.row(r), cosines, cosines + table.width(), params.traditional,
                         params.dims, type, n, to + r * n * static_cast<int64_t>(x.itemsize()));
        }
      });
}

}  // namespace

void add_position_ops(CpuOpTable& table) { table[OpKind::kRoPE] = {rope, nullptr}; }

}  // namespace mlxa::cpu
