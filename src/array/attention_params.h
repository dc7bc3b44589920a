// What defines an attention, whatever array library computes it.
#pragma once

namespace mlxa {

struct AttentionParams {
  float scale;
  bool causal;     // query i of L sees keys up to (keys - L + i)
  int window;      // 0: none; else only the last `window` keys, the query's own among them
  bool has_mask;   // an input: bool (true = seen) or additive
  bool has_sinks;  // an input [heads]: one more logit of the softmax that carries no value
  bool operator==(const AttentionParams&) const = default;
};

}  // namespace mlxa
