// Tests of single ops: inputs in every memory layout, nodes made without the op functions.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/array.h"

#include "array/primitive.h"

namespace mlxa::testing {

inline constexpr float kInf = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

inline Stream test_stream() { return default_stream(default_device()); }

template <class T>
array make(const std::vector<T>& values, const Shape& shape) {
  array out = array::uninitialized(shape, TypeToDtype<T>::value);
  for (size_t i = 0; i < values.size(); i++) out.data<T>()[i] = values[i];
  return out;
}

template <class T>
array make(const std::vector<T>& values) {
  return make(values, Shape{static_cast<ShapeElem>(values.size())});
}

/// The elements in C order, read through the strides.
template <class T>
std::vector<T> values_of(array a) {
  a.eval();
  EXPECT_EQ(dtype_name(a.dtype()), dtype_name(TypeToDtype<T>::value));
  std::vector<T> out;
  for (size_t i = 0; i < a.size(); i++) {
    int64_t offset = 0;
    size_t rest = i;
    for (size_t axis = a.ndim(); axis-- > 0;) {
      const auto length = static_cast<size_t>(a.shape()[axis]);
      offset += static_cast<int64_t>(rest % length) * a.strides()[axis];
      rest /= length;
    }
    out.push_back(a.data<T>()[offset]);
  }
  return out;
}

/// Values in C order laid out in memory as `order` (axes from the slowest to the fastest), `gap`
/// elements per element, axes in `reversed` stored backwards: strides may be negative.
template <class T>
array laid_out(const std::vector<T>& values, const Shape& shape, const std::vector<int>& order,
               int gap, const std::vector<bool>& reversed) {
  Strides strides(shape.size());
  int64_t step = gap, offset = 0;
  for (size_t i = order.size(); i-- > 0;) {
    strides[static_cast<size_t>(order[i])] = step;
    step *= shape[static_cast<size_t>(order[i])];
  }
  std::vector<T> memory(static_cast<size_t>(step) + 1, T(1));
  for (size_t axis = 0; axis < shape.size(); axis++) {
    if (!reversed[axis] || values.empty()) continue;
    offset += (shape[axis] - 1) * strides[axis];
    strides[axis] = -strides[axis];
  }
  for (size_t i = 0; i < values.size(); i++) {
    int64_t at = offset;
    size_t rest = i;
    for (size_t axis = shape.size(); axis-- > 0;) {
      at += static_cast<int64_t>(rest % static_cast<size_t>(shape[axis])) * strides[axis];
      rest /= static_cast<size_t>(shape[axis]);
    }
    memory[static_cast<size_t>(at)] = values[i];
  }
  return make_node<AsStrided>(shape, TypeToDtype<T>::value, {make(memory)}, test_stream(),
                              {shape, strides, offset});
}

/// The same values in C order, Fortran order, with gaps, and backwards.
template <class T>
std::vector<std::pair<std::string, array>> layouts(const std::vector<T>& values,
                                                   const Shape& shape) {
  std::vector<int> forward, backward;
  for (size_t i = 0; i < shape.size(); i++) {
    forward.push_back(static_cast<int>(i));
    backward.insert(backward.begin(), static_cast<int>(i));
  }
  const std::vector<bool> none(shape.size(), false), all(shape.size(), true);
  std::vector<bool> last = none;
  if (!last.empty()) last.back() = true;
  return {{"row", make(values, shape)},
          {"column", laid_out(values, shape, backward, 1, none)},
          {"gaps", laid_out(values, shape, forward, 2, none)},
          {"reversed", laid_out(values, shape, forward, 1, all)},
          {"last reversed", laid_out(values, shape, forward, 1, last)},
          {"reversed columns with gaps", laid_out(values, shape, backward, 3, all)}};
}

template <class T>
std::vector<double> as_doubles(const std::vector<T>& values) {
  std::vector<double> out;
  for (const T& value : values) out.push_back(static_cast<double>(value));
  return out;
}

/// Values that differ, of both signs where the type has them, exact in every dtype.
template <class T>
std::vector<T> sample(size_t count, int seed = 1) {
  std::vector<T> out;
  uint32_t state = static_cast<uint32_t>(seed) * 2654435761u;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    int value = static_cast<int>(state >> 16) % 101;
    if (std::numeric_limits<T>::is_signed || std::is_same_v<T, float16_t> ||
        std::is_same_v<T, bfloat16_t>) {
      value -= 50;
    }
    out.push_back(static_cast<T>(static_cast<float>(value)));
  }
  return out;
}

/// Within `relative` of `want`; infinities and NaN alike.
inline void expect_near(const std::vector<double>& got, const std::vector<double>& want,
                        double relative, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (size_t i = 0; i < got.size(); i++) {
    if (std::isnan(want[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << what << " at " << i << ": " << got[i];
    } else if (std::isinf(want[i])) {
      EXPECT_EQ(got[i], want[i]) << what << " at " << i;
    } else {
      EXPECT_NEAR(got[i], want[i], relative * std::fabs(want[i])) << what << " at " << i;
    }
  }
}

}  // namespace mlxa::testing
