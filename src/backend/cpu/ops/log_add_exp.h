// log(e^a + e^b), shared by the element-wise op and the scan.
#pragma once

#include <cmath>

namespace mlxa::cpu {

/// Exact at both infinities, NaN where either argument is.
template <class T>
T log_add_exp(T a, T b) {
  if (a != a || b != b) return a + b;
  const T high = a > b ? a : b;
  const T low = a > b ? b : a;
  if (high == low && std::isinf(high)) return high;
  return high + std::log1p(std::exp(low - high));
}

}  // namespace mlxa::cpu
