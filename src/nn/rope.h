// Rotary position embeddings with the frequency scalings that published models use.
#pragma once

#include <optional>
#include <variant>

#include "nn/platform.h"

namespace mlxa::nn {

/// Positions divided by a factor.
struct LinearScaling {
  float factor;
};

/// Llama 3's rule: periods below `original / high` stay, those above `original / low` are stretched
/// by the factor, those between are blended.
struct Llama3Scaling {
  float factor;
  float low_freq_factor;
  float high_freq_factor;
  float original_max_position;
};

using RopeScaling = std::variant<std::monostate, LinearScaling, Llama3Scaling>;

/// One layer's rotation.
class Rope {
 public:
  Rope(int dims, bool traditional, float base, const RopeScaling& scaling);

  /// x [B, H, L, D] whose row b starts at position offsets[b] (int32 [B]).
  array operator()(const array& x, const array& offsets) const;

 private:
  int dims_;
  bool traditional_;
  float base_;
  float scale_ = 1.0f;
  std::optional<array> periods_;  // replaces base_
};

}  // namespace mlxa::nn
