// What a step moves and computes, from what a model holds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "array/quant_mode.h"
#include "measure/probes.h"
#include "models/config.h"
#include "nn/kv_cache.h"

namespace mlxa::measure {

/// A model's weights by the part they play in a step.
struct WeightTraffic {
  /// That a decode step of one sequence reads: all but an untied input embedding, and of experts
  /// those that its token chooses.
  int64_t decode_bytes = 0;
  int64_t chosen_bytes = 0;  ///< of these, the experts'
  int64_t body_macs = 0;     ///< multiply-adds of a token, embedding and head left out
  int64_t head_macs = 0;     ///< of the head, for each position whose logits are computed
  /// Of the weights behind most multiply-adds of a decode step; none where these are dense.
  std::optional<QuantMode> mode;
};
WeightTraffic weight_traffic(const std::vector<nn::TakenWeight>& weights);

/// Keys and values that one sequence reads when the position `position` is computed, itself
/// included, as `config` limits them per layer.
int64_t kv_bytes_at(const models::Config& config, const nn::KVShape& shape, int64_t position);

/// What products with weights of a mode (none: dense) are made of: bytes where activations are
/// rounded, else the type of the weights' values. Codes of kMxfp8 become float32 in both modes.
Arithmetic product_arithmetic(std::optional<QuantMode> mode, bool exact, Dtype values);

}  // namespace mlxa::measure
