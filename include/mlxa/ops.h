// Operations on arrays, by family. Names, signatures, broadcasting, promotion and errors are MLX's.
#pragma once

#include "mlxa/ops/creation.h"
#include "mlxa/ops/elementwise.h"
#include "mlxa/ops/indexing.h"
#include "mlxa/ops/matmul.h"
#include "mlxa/ops/reduction.h"
#include "mlxa/ops/shape.h"
