// For code written against MLX C++: the names of mlx::core are ours.
#pragma once

#include "mlxa/mlxa.h"

namespace mlx {
namespace core = ::mlxa;
}  // namespace mlx
