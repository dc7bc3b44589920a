#include "runtime/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "mlxa/error.h"

namespace mlxa::runtime {
namespace {

void require(bool holds, const char* name, double value, const char* expected) {
  if (holds) return;
  throw Error(
      ErrorCode::kInvalidArgument,
      "[generate] " + std::string(name) + " = " + std::to_string(value) + ", expected " + expected,
      "Choose a value in that range.");
}

constexpr float kNever = -std::numeric_limits<float>::infinity();

}  // namespace

void check_parameters(const GenerateParameters& p) {
  require(p.max_tokens >= 0, "max_tokens", p.max_tokens, "at least 0");
  require(p.temperature >= 0 && p.temperature <= 100, "temperature", p.temperature, "0 to 100");
  require(p.top_p >= 0 && p.top_p <= 1, "top_p", p.top_p, "0 to 1");
  require(p.top_k >= 0, "top_k", p.top_k, "at least 0");
  require(p.min_p >= 0 && p.min_p <= 1, "min_p", p.min_p, "0 to 1");
  require(p.repetition_penalty > 0 && std::isfinite(p.repetition_penalty), "repetition_penalty",
          p.repetition_penalty, "a number above 0");
  require(p.repetition_context >= 0, "repetition_context", p.repetition_context, "at least 0");
}

Sampler::Sampler(const GenerateParameters& parameters)
    : parameters_(parameters),
      random_(parameters.seed ? *parameters.seed : std::random_device{}()),
      token_(array::uninitialized({1, 1}, int32)) {
  history_.reserve(static_cast<size_t>(std::min(parameters.max_tokens, 1 << 20)) + 1);
}

array Sampler::sample(const array& logits) {
  *token_.data<int32_t>() = choose({logits.data<float>(), logits.size()});
  return token_;
}

int32_t Sampler::choose(std::span<const float> logits) {
  if (parameters_.temperature == 0 && parameters_.repetition_penalty == 1.0f) {
    const int32_t token = argmax(logits);
    history_.push_back(token);
    return token;
  }
  logits_.assign(logits.begin(), logits.end());
  for (float& value : logits_) {
    if (std::isnan(value)) value = kNever;
  }
  penalize(logits_);
  const int32_t token = parameters_.temperature == 0 ? argmax(logits_) : draw(logits_);
  history_.push_back(token);
  return token;
}

// Once per distinct token of the window: a positive logit is divided, a negative one multiplied.
void Sampler::penalize(std::vector<float>& logits) const {
  const float penalty = parameters_.repetition_penalty;
  if (penalty == 1.0f) return;
  const auto window = static_cast<size_t>(parameters_.repetition_context);
  const size_t begin = history_.size() > window ? history_.size() - window : 0;
  for (size_t i = begin; i < history_.size(); i++) {
    const auto first = history_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto here = history_.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(first, here, history_[i]) != here) continue;
    float& value = logits[static_cast<size_t>(history_[i])];
    value = value < 0 ? value * penalty : value / penalty;
  }
}

// The first of the largest; NaN counts as never. Lanes of their own leave the compiler free to use
// vectors: a vocabulary one by one takes as long as some layers.
int32_t Sampler::argmax(std::span<const float> logits) const {
  constexpr size_t kLanes = 16;
  std::array<float, kLanes> lanes;
  lanes.fill(kNever);
  const size_t whole = logits.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; lane++) {
      const float value = logits[i + lane];
      lanes[lane] = value > lanes[lane] ? value : lanes[lane];
    }
  }
  float best = *std::max_element(lanes.begin(), lanes.end());
  for (const float value : logits.subspan(whole)) best = value > best ? value : best;
  if (best == kNever) {
    throw Error(ErrorCode::kInternal, "[generate] the model's logits are not numbers",
                "The weights may be damaged: fetch the model again, or try --exact.");
  }
  return static_cast<int32_t>(std::find(logits.begin(), logits.end(), best) - logits.begin());
}

// Puts the tokens that the filters keep first in order_, likeliest first, and returns their number.
// All three filters keep a prefix of that order.
size_t Sampler::keep_likeliest(const std::vector<float>& logits, float log_total) {
  const auto likelier = [&](int32_t a, int32_t b) {
    const float la = logits[static_cast<size_t>(a)], lb = logits[static_cast<size_t>(b)];
    return la > lb || (la == lb && a < b);
  };
  order_.resize(logits.size());
  std::iota(order_.begin(), order_.end(), 0);
  const bool by_mass = parameters_.top_p > 0 && parameters_.top_p < 1;
  size_t limit = order_.size();
  if (parameters_.top_k > 0) limit = std::min(limit, static_cast<size_t>(parameters_.top_k));
  // Sorting a whole vocabulary costs milliseconds, and few tokens carry the mass: sort a growing
  // head.
  constexpr size_t kFirstHead = 256, kGrowth = 8;
  size_t sorted = 0, kept = 0;
  double mass = 0;
  float floor = kNever;
  while (kept < limit) {
    if (kept == sorted) {
      const size_t head = std::min(order_.size(), std::max(kFirstHead, sorted * kGrowth));
      std::partial_sort(order_.begin() + static_cast<std::ptrdiff_t>(sorted),
                        order_.begin() + static_cast<std::ptrdiff_t>(head), order_.end(), likelier);
      sorted = head;
    }
    const float value = logits[static_cast<size_t>(order_[kept])];
    if (kept == 0 && parameters_.min_p > 0) floor = value + std::log(parameters_.min_p);
    if (value < floor || value == kNever || (by_mass && mass >= parameters_.top_p)) break;
    mass += std::exp(static_cast<double>(value - log_total));
    kept++;
  }
  return kept;
}

int32_t Sampler::draw(const std::vector<float>& logits) {
  const float top = logits[static_cast<size_t>(argmax(logits))];
  const bool filtered = (parameters_.top_p > 0 && parameters_.top_p < 1) || parameters_.top_k > 0 ||
                        parameters_.min_p > 0;
  size_t kept = logits.size();
  if (filtered) {
    double total = 0;
    for (float value : logits) total += std::exp(static_cast<double>(value - top));
    kept = keep_likeliest(logits, top + static_cast<float>(std::log(total)));
  }
  const auto token_at = [&](size_t i) { return filtered ? order_[i] : static_cast<int32_t>(i); };
  const auto weight_at = [&](size_t i) {
    const float value = logits[static_cast<size_t>(token_at(i))];
    return std::exp(static_cast<double>(value - top) / parameters_.temperature);
  };
  double total = 0;
  for (size_t i = 0; i < kept; i++) total += weight_at(i);
  constexpr double kUnit = 0x1p-53;
  double left = static_cast<double>(random_() >> 11) * kUnit * total;
  size_t chosen = 0;
  for (size_t i = 0; i < kept; i++) {
    const double weight = weight_at(i);
    if (weight > 0) chosen = i;  // rounding may leave a rest after the last
    left -= weight;
    if (left < 0) break;
  }
  return token_at(chosen);
}

}  // namespace mlxa::runtime
