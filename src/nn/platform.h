// The array library that layers and models are written against, under the name mx. Beside MLX's own
// operations it offers the fused ones below; a build against another array library gives its own
// version of this header, with the plain-op forms that src/array/fast documents.
#pragma once

#include "mlxa/array.h"
#include "mlxa/fast.h"
#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"

namespace mlxa::nn {

namespace mx = ::mlxa;

}  // namespace mlxa::nn
