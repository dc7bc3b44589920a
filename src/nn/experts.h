// Mixtures of experts: many MLPs in a layer, of which every token uses a few.
#pragma once

#include <string>

#include "nn/linear.h"

namespace mlxa::nn {

struct ExpertsShape {
  int hidden;
  int intermediate;  ///< of one expert
  int experts;
  int chosen;       ///< experts of a token: those with the largest gate values
  bool normalized;  ///< Their weights are the softmax over them alone; else that over all experts.
};

/// The chosen experts' down(silu(gate(x)) * up(x)), weighted and summed: the router `path`.gate
/// [experts, hidden] and the experts' matrices `path`.switch_mlp.{gate,up,down}_proj, stacked.
class MixtureOfExperts {
 public:
  /// Throws Error kUnsupported where the experts are stored one by one.
  MixtureOfExperts(Weights& weights, const std::string& path, const ExpertsShape& shape);

  /// x [B, L, hidden] to [B, L, hidden].
  array operator()(const array& x) const;

 private:
  ExpertsShape shape_;
  Linear router_;
  Matrix gate_proj_, up_proj_, down_proj_;
};

}  // namespace mlxa::nn
