// What defines an attention, whatever array library computes it.
#pragma once

namespace mlxa {

/// How keys and values are stored. bits 0: as floats of the storage's dtype. bits 8 or 4: in uint8
/// rows, as codes of so many bits, low nibble first, and after them for each `group` of values a
/// bfloat16 scale and bias, value = scale * code + bias.
struct KVFormat {
  int bits = 0;
  int group = 0;
  bool operator==(const KVFormat&) const = default;

  /// Bytes of a row of `dim` values, a multiple of the group.
  constexpr int row_bytes(int dim) const { return dim * bits / 8 + dim / group * 4; }
  /// Values of a row of so many bytes; -1 if no row has this length.
  constexpr int values_of(int bytes) const {
    const int group_bytes = row_bytes(group);
    return bytes % group_bytes == 0 ? bytes / group_bytes * group : -1;
  }
  /// The last axis of the storage of heads of `dim` values.
  constexpr int row_elements(int dim) const { return bits ? row_bytes(dim) : dim; }
};

struct AttentionParams {
  float scale;
  bool causal;       // query i of L sees keys up to (keys - L + i)
  int window;        // 0: none; else only the last `window` keys, the query's own among them
  bool has_mask;     // an input: bool (true = seen) or additive
  bool has_sinks;    // an input [heads]: one more logit of the softmax that carries no value
  KVFormat kv = {};  // of the keys and values; floats where they are no storage
  bool operator==(const AttentionParams&) const = default;
};

}  // namespace mlxa
