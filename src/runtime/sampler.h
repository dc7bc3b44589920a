// From logits to a token.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "mlxa/array.h"
#include "mlxa/engine.h"

namespace mlxa::runtime {

/// Throws Error kInvalidArgument, naming the parameter, for values out of range or not finite.
void check_parameters(const GenerateParameters& parameters);

/// Chooses tokens for one answer: the parameters, the random state and what was said so far. Not
/// thread-safe. Allocates on its first call only.
class Sampler {
 public:
  explicit Sampler(const GenerateParameters& parameters);

  /// Tells the sampler a token that the penalty must see (the prompt's last one).
  void remember(int32_t token) { history_.push_back(token); }

  /// The next token, int32 [1, 1], from logits of float32 [..., vocab] (one row). Logits that are
  /// NaN are never chosen; throws Error kInternal where none is left.
  array sample(const array& logits);
  /// The same from a row of logits.
  int32_t choose(std::span<const float> logits);

 private:
  void penalize(std::vector<float>& logits) const;
  int32_t argmax(std::span<const float> logits) const;
  int32_t draw(const std::vector<float>& logits);
  size_t keep_likeliest(const std::vector<float>& logits, float log_total);

  GenerateParameters parameters_;
  std::mt19937_64 random_;
  std::vector<int32_t> history_;
  std::vector<float> logits_;
  std::vector<int32_t> order_;  // candidates, likeliest first
  array token_;
};

}  // namespace mlxa::runtime
