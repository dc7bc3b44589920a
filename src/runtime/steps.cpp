#include "runtime/steps.h"

#include <algorithm>
#include <cstring>

#include "mlxa/ops.h"

namespace mlxa::runtime {
namespace {

// Writes what row `row` of a step reads.
void show(const nn::KVSequence& sequence, int row, array& table, array& offsets) {
  const auto blocks = sequence.blocks();
  std::copy(blocks.begin(), blocks.end(), table.data<int32_t>() + int64_t{row} * table.shape(1));
  offsets.data<int32_t>()[row] = static_cast<int32_t>(sequence.length());
}

}  // namespace

std::optional<array> prefill_step(const models::LanguageModel& model, const nn::KVPool& pool,
                                  nn::KVSequence& sequence, std::span<const int32_t> tokens,
                                  Precision precision, bool want_logits) {
  const ComputeScope scope({precision, Phase::kPrefill});
  const int length = static_cast<int>(tokens.size());
  const array ids(tokens.data(), {1, length}, int32);
  array table = array::uninitialized({1, static_cast<int>(sequence.blocks().size())}, int32);
  array offsets = array::uninitialized({1}, int32);
  show(sequence, 0, table, offsets);
  nn::KVStep step(pool, table, offsets);
  const array hidden = model.hidden(ids, step);
  std::optional<array> logits;
  std::vector<array> wanted = step.writes();
  if (want_logits) {
    const array last = slice(hidden, {0, length - 1, 0}, {1, length, hidden.shape(2)});
    logits = astype(model.logits(last), float32);
    wanted.push_back(*logits);
  }
  eval(std::move(wanted));
  sequence.advance(length);
  return logits;
}

DecodeStep::DecodeStep(const models::LanguageModel& model, const nn::KVPool& pool,
                       Precision precision, int batch)
    : tokens_(array::uninitialized({batch, 1}, int32)),
      table_(array::uninitialized({batch, pool.blocks()}, int32)),
      offsets_(array::uninitialized({batch}, int32)) {
  const ComputeScope scope({precision, Phase::kDecode});
  std::memset(table_.data<int32_t>(), 0, table_.nbytes());
  nn::KVStep step(pool, table_, offsets_);
  const array hidden = model.hidden(tokens_, step);
  plan_ = std::make_unique<Plan>(std::vector<array>{astype(model.logits(hidden), float32)});
}

const array& DecodeStep::run(const array& tokens, std::span<nn::KVSequence* const> sequences,
                             double* kernel_seconds) {
  std::memcpy(tokens_.data<int32_t>(), tokens.data<int32_t>(), tokens_.nbytes());
  for (size_t row = 0; row < sequences.size(); row++) {
    show(*sequences[row], static_cast<int>(row), table_, offsets_);
  }
  if (kernel_seconds) {
    *kernel_seconds += plan_->run_timed();
  } else {
    plan_->run();
  }
  for (nn::KVSequence* sequence : sequences) sequence->advance(1);
  return plan_->outputs()[0];
}

}  // namespace mlxa::runtime
