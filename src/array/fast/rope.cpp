#include "mlxa/fast.h"

#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

array rope(const array& x, int dims, bool traditional, std::optional<float> base, float scale,
           const array& offset, const std::optional<array>& freqs, StreamOrDevice s) {
  if (x.ndim() < 3) {
    invalid("rope", "x of shape " + text(x.shape()) + ", expected three or more dimensions");
  }
  if (!is_floating(x.dtype())) {
    invalid("rope", "x of type " + text(x.dtype()) + ", expected a floating-point type");
  }
  if (dims <= 0 || dims % 2 != 0 || dims > x.shape(-1)) {
    invalid("rope", std::to_string(dims) + " dims, expected an even number from 2 to " +
                        std::to_string(x.shape(-1)));
  }
  if (base.has_value() == freqs.has_value()) {
    invalid("rope", base ? "base and freqs, expected one of them"
                         : "neither base nor freqs, expected one of them");
  }
  check_indices("rope", offset);
  const bool per_row = offset.ndim() == 1 && offset.shape(0) == x.shape(0);
  if (offset.size() != 1 && !per_row) {
    invalid("rope", "offsets of shape " + text(offset.shape()) + ", expected a scalar or (" +
                        std::to_string(x.shape(0)) + ")");
  }
  std::vector<array> inputs{x, astype(offset, int32, s)};
  if (freqs) {
    if (freqs->ndim() != 1 || freqs->shape(0) != dims / 2 || !is_floating(freqs->dtype())) {
      invalid("rope", "freqs " + text(freqs->shape()) + " " + text(freqs->dtype()) +
                          ", expected floating (" + std::to_string(dims / 2) + ")");
    }
    inputs.push_back(astype(*freqs, float32, s));
  }
  return make_node<RoPE>(x.shape(), x.dtype(), std::move(inputs), to_stream(s),
                         {dims, traditional, base.value_or(0.0f), scale});
}

array rope(const array& x, int dims, bool traditional, std::optional<float> base, float scale,
           int offset, const std::optional<array>& freqs, StreamOrDevice s) {
  return rope(x, dims, traditional, base, scale, array(offset, int32), freqs, s);
}

}  // namespace mlxa::fast
