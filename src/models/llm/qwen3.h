// What qwen3 and its variant with experts share.
#pragma once

#include "models/llm/pre_norm_decoder.h"

namespace mlxa::models {

/// Everything but the experts.
PreNormDecoderSpec qwen3_spec(const Config& config);

}  // namespace mlxa::models
