// What the run time knows of a language model.
#pragma once

#include "nn/kv_cache.h"

namespace mlxa::models {

/// A decoder-only model: immutable weights, no state. Any thread may call it.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  /// The last layer's normalized output for new tokens (int32 [B, L]) that follow what `kv` holds:
  /// [B, L, hidden]. The tokens' keys and values are appended to `kv`.
  virtual array hidden(const array& tokens, nn::KVStep& kv) const = 0;

  /// The head: [..., hidden] to logits [..., vocab].
  virtual array logits(const array& hidden) const = 0;

  virtual nn::KVShape kv_shape() const = 0;
  virtual int vocab_size() const = 0;
  /// Positions that the model was made for.
  virtual int context_length() const = 0;
};

}  // namespace mlxa::models
