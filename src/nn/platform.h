// The array library that layers and models are written against, under the name mx. Beside MLX's own
// operations it offers the fused ones of src/array/fast/engine_ops.h. On Apple Silicon the library
// is MLX itself: upstream.h then builds the fused operations from MLX's, and
// tools/check_mlx_headers compiles these layers so.
#pragma once

#ifdef MLXA_UPSTREAM_MLX

#include "nn/upstream.h"

namespace mlxa::nn {
namespace mx = ::mlxa::upstream;
}  // namespace mlxa::nn

#else

#include "mlxa/array.h"
#include "mlxa/fast.h"
#include "mlxa/io.h"
#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"

namespace mlxa::nn {
namespace mx = ::mlxa;
}  // namespace mlxa::nn

#endif
