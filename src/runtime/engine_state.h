// What Engine and Session hold.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "mlxa/engine.h"

#include "models/registry.h"
#include "runtime/steps.h"

namespace mlxa {

struct EngineState {
  EngineState(models::LoadedModel loaded, std::optional<Tokenizer> tokenizer,
              std::optional<ChatTemplate> chat, const EngineOptions& options);

  /// The decode step, built at its first use. `mutex` must be held.
  runtime::DecodeStep& decode();

  bool is_eos(int32_t token) const;

  models::LoadedModel loaded;
  std::optional<Tokenizer> tokenizer;
  std::optional<ChatTemplate> chat_template;
  EngineOptions options;
  ModelInfo info;
  Precision precision;
  std::shared_ptr<nn::KVPool> pool;
  std::mutex mutex;  // one step at a time: guards the pool and the decode step

 private:
  std::unique_ptr<runtime::DecodeStep> decode_;
};

struct SessionState {
  explicit SessionState(const std::shared_ptr<EngineState>& engine)
      : SessionState(engine, nn::KVSequence(engine->pool)) {}
  SessionState(std::shared_ptr<EngineState> engine, nn::KVSequence sequence)
      : engine(std::move(engine)), sequence(std::move(sequence)) {}
  ~SessionState() {
    const std::lock_guard lock(engine->mutex);
    sequence.trim(0);
  }

  std::shared_ptr<EngineState> engine;
  nn::KVSequence sequence;
  std::vector<int32_t> tokens;  // what the sequence holds
  int64_t sound = 0;            // positions whose results have been seen: computed, not only queued
  std::atomic<bool> cancelled{false};
};

}  // namespace mlxa
