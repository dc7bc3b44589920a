#include <cmath>

#include "array/ops/common.h"

namespace mlxa {

using namespace ops;

namespace {

// m of n = m * 2^k, or 0 where there is none.
int order_of(int length) {
  for (int order : {1, 12, 20, 28}) {
    int rest = length % order == 0 ? length / order : 0;
    while (rest > 1 && rest % 2 == 0) rest /= 2;
    if (rest == 1) return order;
  }
  return 0;
}

}  // namespace

array hadamard_transform(const array& a, std::optional<float> scale, StreamOrDevice s) {
  if (a.size() == 0) {
    invalid("hadamard_transform",
            "shape " + text(a.shape()) + " is empty, expected one or more elements");
  }
  const int length = a.ndim() ? a.shape(-1) : 1;
  const int order = order_of(length);
  if (order == 0) {
    invalid("hadamard_transform", "a last axis of length " + std::to_string(length) +
                                      ", expected m * 2^k with m one of 1, 12, 20, 28");
  }
  const float factor = scale.value_or(1.0f / std::sqrt(static_cast<float>(length)));
  // A matrix of one element only scales, in a's own type.
  if (length == 1) return multiply(a, array(factor, a.dtype()), s);
  const array x = astype(a, at_least_float(a.dtype()), s);
  return make_node<Hadamard>(x.shape(), x.dtype(), {x}, to_stream(s), {order, factor});
}

}  // namespace mlxa
