#include "mlxa/random.h"

#include <chrono>
#include <cmath>
#include <limits>

#include "array/ops/common.h"

namespace mlxa::random {

using namespace ops;

KeySequence::KeySequence(uint64_t seed) : key_(random::key(seed)) {}

void KeySequence::seed(uint64_t seed) {
  std::lock_guard lock(mutex_);
  key_ = random::key(seed);
}

array KeySequence::next() {
  std::lock_guard lock(mutex_);
  auto [rest, drawn] = random::split(key_);
  key_ = rest;
  return drawn;
}

KeySequence& KeySequence::default_() {
  static KeySequence sequence(static_cast<uint64_t>(
      std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1)));
  return sequence;
}

array key(uint64_t seed) {
  return array({static_cast<uint32_t>(seed >> 32), static_cast<uint32_t>(seed)});
}

void seed(uint64_t seed) { KeySequence::default_().seed(seed); }

namespace {

array key_or_next(const std::optional<array>& key) {
  return key ? *key : KeySequence::default_().next();
}

void check_floating(const char* op, const Dtype& dtype) {
  if (!is_floating(dtype)) invalid(op, "type " + text(dtype) + ", expected a floating-point type");
}

void check_broadcasts(const char* op, const Shape& from, const Shape& to) {
  if (broadcast_shapes(from, to) != to) {
    invalid(op,
            "parameters of shape " + text(from) + ", expected ones that broadcast to " + text(to));
  }
}

// The largest value of the type below 1.
double below_one(const Dtype& dtype) { return 1.0 - finfo(dtype).eps / 2; }

}  // namespace

array bits(const Shape& shape, int width, const std::optional<array>& key, StreamOrDevice s) {
  check_shape("bits", shape);
  if (width != 1 && width != 2 && width != 4) {
    invalid("bits", std::to_string(width) + " bytes, expected 1, 2 or 4");
  }
  const array from = key_or_next(key);
  if (from.dtype() != uint32 || from.shape() != Shape{2}) {
    invalid("bits", "a key of type " + text(from.dtype()) + " and shape " + text(from.shape()) +
                        ", expected uint32 (2)");
  }
  const Dtype dtype = width == 4 ? uint32 : width == 2 ? uint16 : uint8;
  return make_node<RandomBits>(shape, dtype, {from}, to_stream(s), {shape, width});
}

std::pair<array, array> split(const array& key, StreamOrDevice s) {
  const array keys = random::split(key, 2, s);
  return {take(keys, 0, 0, s), take(keys, 1, 0, s)};
}
array split(const array& key, int num, StreamOrDevice s) { return bits({num, 2}, 4, key, s); }

array uniform(const array& low, const array& high, const Shape& shape, Dtype dtype,
              const std::optional<array>& key, StreamOrDevice s) {
  check_floating("uniform", dtype);
  const array from = astype(low, dtype, s), to = astype(high, dtype, s);
  const array range = subtract(to, from, s);
  check_broadcasts("uniform", range.shape(), shape);
  constexpr auto kAllBits = static_cast<float>(std::numeric_limits<uint32_t>::max());
  const array share = divide(bits(shape, 4, key, s), array(kAllBits), s);
  // Rounding to a narrow type may not reach 1.
  const array unit = astype(minimum(share, array(below_one(dtype)), s), dtype, s);
  return add(multiply(range, unit, s), from, s);
}
array uniform(const Shape& shape, Dtype dtype, const std::optional<array>& key, StreamOrDevice s) {
  return uniform(array(0.0f), array(1.0f), shape, dtype, key, s);
}

array normal(const Shape& shape, Dtype dtype, const std::optional<array>& loc,
             const std::optional<array>& scale, const std::optional<array>& key, StreamOrDevice s) {
  check_floating("normal", dtype);
  const array low(std::nextafter(-1.0f, 0.0f)), high(1.0f);
  const array quantile = erfinv(uniform(low, high, shape, float32, key, s), s);
  array spread(M_SQRT2, dtype);
  if (scale) spread = multiply(spread, astype(*scale, dtype, s), s);
  const array out = multiply(spread, astype(quantile, dtype, s), s);
  return loc ? add(out, astype(*loc, dtype, s), s) : out;
}
array normal(const Shape& shape, Dtype dtype, const float loc, const float scale,
             const std::optional<array>& key, StreamOrDevice s) {
  std::optional<array> mean, deviation;
  if (loc != 0) mean = array(loc, dtype);
  if (scale != 1) deviation = array(scale, dtype);
  return normal(shape, dtype, mean, deviation, key, s);
}

array truncated_normal(const array& lower, const array& upper, const Shape& shape, Dtype dtype,
                       const std::optional<array>& key, StreamOrDevice s) {
  check_floating("truncated_normal", dtype);
  const array root(M_SQRT2, dtype);
  const array low = astype(lower, dtype, s), high = astype(upper, dtype, s);
  const array u =
      uniform(erf(divide(low, root, s), s), erf(divide(high, root, s), s), shape, dtype, key, s);
  return maximum(minimum(multiply(root, erfinv(u, s), s), high, s), low, s);
}
array truncated_normal(const array& lower, const array& upper, Dtype dtype,
                       const std::optional<array>& key, StreamOrDevice s) {
  const Shape shape = broadcast_shapes(lower.shape(), upper.shape());
  return truncated_normal(lower, upper, shape, dtype, key, s);
}

array randint(const array& low, const array& high, const Shape& shape, Dtype dtype,
              const std::optional<array>& key, StreamOrDevice s) {
  if (is_floating(dtype)) invalid("randint", "type " + text(dtype) + ", expected an integer type");
  const array drawn = floor(uniform(low, high, shape, float32, key, s), s);
  // float32 rounds large bounds, hence the clamp, in a type that holds them.
  const array last = subtract(astype(high, int64, s), array(int64_t{1}), s);
  const array clamped =
      maximum(minimum(astype(drawn, int64, s), last, s), astype(low, int64, s), s);
  return astype(clamped, dtype, s);
}

array bernoulli(const array& p, const Shape& shape, const std::optional<array>& key,
                StreamOrDevice s) {
  if (!is_floating(p.dtype())) {
    invalid("bernoulli", "p of type " + text(p.dtype()) + ", expected a floating-point type");
  }
  check_broadcasts("bernoulli", p.shape(), shape);
  constexpr auto kAllBits = static_cast<float>(std::numeric_limits<uint32_t>::max());
  const array threshold = multiply(p, array(std::nextafter(kAllBits, 0.0f)), s);
  return less(bits(shape, 4, key, s), threshold, s);
}
array bernoulli(const array& p, const std::optional<array>& key, StreamOrDevice s) {
  return bernoulli(p, p.shape(), key, s);
}
array bernoulli(const std::optional<array>& key, StreamOrDevice s) {
  return bernoulli(array(0.5f), Shape{}, key, s);
}

array laplace(const Shape& shape, Dtype dtype, const float loc, const float scale,
              const std::optional<array>& key, StreamOrDevice s) {
  check_floating("laplace", dtype);
  const array low(std::nextafter(-1.0f, 0.0f)), high(1.0f);
  const array u = uniform(low, high, shape, float32, key, s);
  const array out = astype(multiply(sign(u, s), log1p(negative(abs(u, s), s), s), s), dtype, s);
  return add(multiply(out, array(scale, dtype), s), array(loc, dtype), s);
}

array gumbel(const Shape& shape, Dtype dtype, const std::optional<array>& key, StreamOrDevice s) {
  return negative(log(negative(log(uniform(shape, dtype, key, s), s), s), s), s);
}

namespace {

// The largest of logits + noise: `shape` with logits' axis put in at `axis`.
array gumbel_argmax(const array& logits, const Shape& shape, int axis, int logits_axis,
                    const std::optional<array>& key, StreamOrDevice s) {
  Shape noise = shape;
  noise.insert(noise.begin() + axis, logits.shape(logits_axis));
  return argmax(add(gumbel(noise, float32, key, s), logits, s), axis, false, s);
}

// Many draws of one distribution: where a uniform number falls among the running sums.
array inverse_cdf(const array& logits, const Shape& shape, const std::optional<array>& key,
                  StreamOrDevice s) {
  const array x = astype(flatten(logits, s), float32, s);
  const array weights = exp(subtract(x, max(x, true, s), s), s);
  const array below = cumsum(weights, 0, false, false, s);
  const array u = multiply(uniform(shape, float32, key, s), sum(weights, false, s), s);
  // The last running sum that is not above u; the first is 0.
  return subtract(searchsorted(below, u, "right", s), array(uint32_t{1}), s);
}

int checked_logits(const array& logits, int axis) {
  axis = checked_axis("categorical", axis, logits.ndim());
  if (logits.size() == 0) {
    invalid("categorical",
            "logits of shape " + text(logits.shape()) + ", expected one or more elements");
  }
  return axis;
}

bool is_one_distribution(const array& logits, int axis) {
  return logits.size() == static_cast<size_t>(logits.shape(axis));
}

}  // namespace

array categorical(const array& logits, int axis, const Shape& shape,
                  const std::optional<array>& key, StreamOrDevice s) {
  axis = checked_logits(logits, axis);
  const Shape own = reduced_shape(logits.shape(), {axis}, false);
  check_broadcasts("categorical", own, shape);
  if (!shape.empty() && is_one_distribution(logits, axis)) {
    return inverse_cdf(logits, shape, key, s);
  }
  const int lead = static_cast<int>(shape.size() - own.size());
  return gumbel_argmax(logits, shape, axis + lead, axis, key, s);
}
array categorical(const array& logits, int axis, int num_samples, const std::optional<array>& key,
                  StreamOrDevice s) {
  axis = checked_logits(logits, axis);
  Shape shape = reduced_shape(logits.shape(), {axis}, false);
  shape.push_back(num_samples);
  check_shape("categorical", shape);
  if (is_one_distribution(logits, axis)) return inverse_cdf(logits, shape, key, s);
  return gumbel_argmax(expand_dims(logits, -1, s), shape, axis, axis, key, s);
}
array categorical(const array& logits, int axis, const std::optional<array>& key,
                  StreamOrDevice s) {
  axis = checked_logits(logits, axis);
  return gumbel_argmax(logits, reduced_shape(logits.shape(), {axis}, false), axis, axis, key, s);
}

array permutation(const array& x, int axis, const std::optional<array>& key, StreamOrDevice s) {
  axis = checked_axis("permutation", axis, x.ndim());
  return take(x, permutation(x.shape(axis), key, s), axis, s);
}
array permutation(int x, const std::optional<array>& key, StreamOrDevice s) {
  return argsort(bits({x}, 4, key, s), 0, s);
}

}  // namespace mlxa::random
