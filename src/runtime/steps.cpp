#include "runtime/steps.h"

#include <algorithm>
#include <cstring>

#include "mlxa/ops.h"

namespace mlxa::runtime {
namespace {

void show(const nn::KVSequence& sequence, array& table, array& offsets) {
  const auto blocks = sequence.blocks();
  std::copy(blocks.begin(), blocks.end(), table.data<int32_t>());
  *offsets.data<int32_t>() = static_cast<int32_t>(sequence.length());
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
  show(sequence, table, offsets);
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
                       Precision precision)
    : tokens_(array::uninitialized({1, 1}, int32)),
      table_(array::uninitialized({1, pool.blocks()}, int32)),
      offsets_(array::uninitialized({1}, int32)) {
  const ComputeScope scope({precision, Phase::kDecode});
  std::memset(table_.data<int32_t>(), 0, table_.nbytes());
  nn::KVStep step(pool, table_, offsets_);
  const array hidden = model.hidden(tokens_, step);
  plan_ = std::make_unique<Plan>(std::vector<array>{astype(model.logits(hidden), float32)});
}

const array& DecodeStep::run(const array& token, nn::KVSequence& sequence) {
  *tokens_.data<int32_t>() = *token.data<int32_t>();
  show(sequence, table_, offsets_);
  plan_->run();
  sequence.advance(1);
  return plan_->outputs()[0];
}

}  // namespace mlxa::runtime
