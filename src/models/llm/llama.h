// What llama and its variants share.
#pragma once

#include "models/llm/pre_norm_decoder.h"

namespace mlxa::models {

/// All of llama.
PreNormDecoderSpec llama_spec(const Config& config);

}  // namespace mlxa::models
