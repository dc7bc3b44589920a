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

/// The decode step of `batch` sequences. Its graph is built once; after that a token builds, orders
/// and allocates nothing. Not thread-safe.
class DecodeStep {
 public:
  DecodeStep(const models::LanguageModel& model, const nn::KVPool& pool, Precision precision,
             int batch = 1);

  /// Logits after one token of each sequence, `tokens` int32 [batch, 1]: float32 [batch, 1, vocab],
  /// valid until the next run. The sequences, `batch` of them and each its own, must have room and
  /// are advanced. With `kernel_seconds`, adds what the back end took of the time.
  const array& run(const array& tokens, std::span<nn::KVSequence* const> sequences,
                   double* kernel_seconds = nullptr);
  const array& run(const array& token, nn::KVSequence& sequence) {
    nn::KVSequence* const one[] = {&sequence};
    return run(token, one);
  }

  const Plan& plan() const { return *plan_; }

 private:
  array tokens_, table_, offsets_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace mlxa::runtime
