// Models of a named shape without files.
#pragma once

#include <string>

#include "measure/weight_formats.h"
#include "models/registry.h"

namespace mlxa::measure {

/// A model with random weights. Throws Error kInvalidArgument for names and formats, kOutOfMemory
/// before any memory is taken.
models::LoadedModel random_model(const std::string& shape, const WeightFormat& format);

/// Writes random keys and values for the positions of `sequence` from its length to `length`, and
/// counts them in. Throws Error kOutOfMemory where the pool is too small.
void fill_context(const nn::KVPool& pool, nn::KVSequence& sequence, int64_t length);

}  // namespace mlxa::measure
