// Everything public.
#pragma once

#include "mlxa/array.h"
#include "mlxa/chat_template.h"
#include "mlxa/dtype.h"
#include "mlxa/engine.h"
#include "mlxa/error.h"
#include "mlxa/fast.h"
#include "mlxa/io.h"
#include "mlxa/measure.h"
#include "mlxa/memory.h"
#include "mlxa/ops.h"
#include "mlxa/random.h"
#include "mlxa/stream.h"
#include "mlxa/system.h"
#include "mlxa/tokenizer.h"
#include "mlxa/utils.h"

/// The library: arrays and their operations, text generation, tokenizers, chat templates.
namespace mlxa {

/// Fused operations.
namespace fast {}

/// Random numbers.
namespace random {}

}  // namespace mlxa
