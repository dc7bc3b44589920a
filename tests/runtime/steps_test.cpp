// Decode steps of several sequences at once.
#include "runtime/steps.h"

#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "models/registry.h"

namespace mlxa::runtime {
namespace {

constexpr int kSteps = 4;

std::vector<float> row_of(const array& logits, size_t row, size_t vocab) {
  const float* data = logits.data<float>() + row * vocab;
  return {data, data + vocab};
}

// Batch mates of other lengths change no bit of a sequence's logits.
TEST(DecodeStep, ABatchGivesTheBitsOfItsRows) {
  const auto loaded =
      models::load_model(std::filesystem::path(MLXA_GOLDEN_DIR) / "models" / "llama-f32-q4-g128");
  const models::LanguageModel& model = *loaded.model;
  const auto vocab = static_cast<size_t>(model.vocab_size());
  const std::vector<std::vector<int32_t>> prompts = {
      {5, 80, 3}, std::vector<int32_t>(150, 7), {9, 8, 7, 6, 5}};
  const auto token = [](size_t row, int step) { return static_cast<int32_t>(10 * row + step + 2); };
  for (Precision precision : {Precision::kExact, Precision::kFast}) {
    const auto pool = std::make_shared<nn::KVPool>(model.kv_shape(), 1500);
    const auto start = [&](size_t row) {
      nn::KVSequence sequence(pool);
      sequence.reserve(static_cast<int64_t>(prompts[row].size()) + kSteps);
      prefill_step(model, *pool, sequence, prompts[row], precision, false);
      return sequence;
    };
    std::vector<std::vector<float>> alone;  // row by row, each its steps
    DecodeStep single(model, *pool, precision);
    for (size_t row = 0; row < prompts.size(); row++) {
      nn::KVSequence sequence = start(row);
      for (int step = 0; step < kSteps; step++) {
        const array ids({token(row, step)}, {1, 1}, int32);
        alone.push_back(row_of(single.run(ids, sequence), 0, vocab));
      }
    }
    std::vector<nn::KVSequence> sequences;
    for (size_t row = 0; row < prompts.size(); row++) sequences.push_back(start(row));
    nn::KVSequence* const pointers[] = {&sequences[0], &sequences[1], &sequences[2]};
    DecodeStep batch(model, *pool, precision, 3);
    for (int step = 0; step < kSteps; step++) {
      const array ids({token(0, step), token(1, step), token(2, step)}, {3, 1}, int32);
      double inside = 0;
      const array& logits = batch.run(ids, pointers, step % 2 ? &inside : nullptr);
      EXPECT_EQ(inside > 0, step % 2 == 1);
      EXPECT_EQ(logits.shape(), (Shape{3, 1, model.vocab_size()}));
      for (size_t row = 0; row < 3; row++) {
        EXPECT_EQ(row_of(logits, row, vocab), alone[row * kSteps + static_cast<size_t>(step)])
            << "row " << row << ", step " << step;
      }
    }
    EXPECT_EQ(sequences[1].length(), 150 + kSteps);
  }
}

}  // namespace
}  // namespace mlxa::runtime
