// The two kinds of step that a model takes: many prompt tokens at once, or one token by a replayed
// plan.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "array/plan.h"
#include "models/language_model.h"
#include "nn/kv_cache.h"

namespace mlxa::runtime {

/// Computes `tokens` after what `sequence` holds and counts them in. With `want_logits`, the logits
/// of the last one, float32 [1, 1, vocab]. The sequence must have room (KVSequence::reserve).
std::optional<array> prefill_step(const models::LanguageModel& model, const nn::KVPool& pool,
                                  nn::KVSequence& sequence, std::span<const int32_t> tokens,
                                  Precision precision, bool want_logits);

/// The decode step of one sequence. Its graph is built once; after that a token builds, orders and
/// allocates nothing. Not thread-safe.
class DecodeStep {
 public:
  DecodeStep(const models::LanguageModel& model, const nn::KVPool& pool, Precision precision);

  /// Logits after `token` (int32 [1, 1]), float32 [1, 1, vocab], valid until the next run. The
  /// sequence must have room and is advanced.
  const array& run(const array& token, nn::KVSequence& sequence);

  const Plan& plan() const { return *plan_; }

 private:
  array tokens_, table_, offsets_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace mlxa::runtime
