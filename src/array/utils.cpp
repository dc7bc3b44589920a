#include "mlxa/utils.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "array/ops/common.h"

namespace mlxa {

Dtype result_type(const std::vector<array>& arrays) {
  Dtype out = bool_;
  for (const array& a : arrays) out = promote_types(out, a.dtype());
  return out;
}

Shape broadcast_shapes(const Shape& s1, const Shape& s2) {
  const Shape& longer = s1.size() >= s2.size() ? s1 : s2;
  const Shape& shorter = s1.size() >= s2.size() ? s2 : s1;
  Shape out = longer;
  const size_t lead = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); i++) {
    ShapeElem& dim = out[lead + i];
    if (dim == shorter[i] || shorter[i] == 1) continue;
    if (dim != 1) {
      throw std::invalid_argument("[broadcast_shapes] shapes " + ops::text(s1) + " and " +
                                  ops::text(s2) + " do not broadcast");
    }
    dim = shorter[i];
  }
  return out;
}

int normalize_axis_index(int axis, int ndim, const std::string& msg_prefix) {
  if (axis < -ndim || axis >= ndim) {
    throw std::out_of_range(msg_prefix + "axis " + std::to_string(axis) + " of an array with " +
                            std::to_string(ndim) + " dimensions");
  }
  return axis < 0 ? axis + ndim : axis;
}

finfo::finfo(Dtype type) : dtype(type), bits(8 * type.size()) {
  int mantissa = 23, exponent = 127;
  if (type == float16) {
    mantissa = 10;
    exponent = 15;
  } else if (type == bfloat16) {
    mantissa = 7;
  } else if (type != float32) {
    ops::invalid("finfo", ops::text(type) + ", expected a floating-point type");
  }
  eps = std::ldexp(1.0, -mantissa);
  max = std::ldexp(2.0 - eps, exponent);
  min = -max;
  smallest_normal = std::ldexp(1.0, 1 - exponent);
}

iinfo::iinfo(Dtype type) : dtype(type) {
  if (!ops::is_integer(type)) {
    ops::invalid("iinfo", ops::text(type) + ", expected an integer type");
  }
  const int value_bits = 8 * type.size();
  const bool with_sign = issubdtype(type, signedinteger);
  max = std::numeric_limits<uint64_t>::max() >> (64 - value_bits + (with_sign ? 1 : 0));
  min = with_sign ? -static_cast<int64_t>(max) - 1 : 0;
}

}  // namespace mlxa
