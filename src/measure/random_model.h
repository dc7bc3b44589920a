// Models of a named shape without files.
#pragma once

#include <string>

#include "measure/weight_formats.h"
#include "models/registry.h"

namespace mlxa::measure {

/// Bytes of all tensors of random_model. Throws as it does.
int64_t random_model_bytes(const std::string& shape, const WeightFormat& format);

/// A model with random weights. Throws Error kInvalidArgument for names and formats, kOutOfMemory
/// where the system refuses the memory; whether it is free is not looked at.
models::LoadedModel random_model(const std::string& shape, const WeightFormat& format);

/// Writes random keys and values for the positions of `sequence` from its length to `length`, and
/// counts them in. Throws Error kOutOfMemory where the pool is too small.
void fill_context(const nn::KVPool& pool, nn::KVSequence& sequence, int64_t length);

}  // namespace mlxa::measure
