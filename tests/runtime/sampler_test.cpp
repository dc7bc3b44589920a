#include "runtime/sampler.h"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/error.h"

namespace mlxa::runtime {
namespace {

array row(const std::vector<float>& values) {
  return array(values.begin(), {1, 1, static_cast<int>(values.size())}, float32);
}

// Probabilities 0.5, 0.25, 0.15, 0.1 in a shuffled order.
const std::vector<float> kLogits = {std::log(0.15f), std::log(0.5f), std::log(0.1f),
                                    std::log(0.25f)};

std::map<int, double> frequencies(GenerateParameters parameters, int draws = 20000) {
  parameters.seed = 7;
  Sampler sampler(parameters);
  std::map<int, double> out;
  for (int i = 0; i < draws; i++) out[sampler.sample(row(kLogits)).item<int>()] += 1.0 / draws;
  return out;
}

GenerateParameters warm() {
  GenerateParameters parameters;
  parameters.temperature = 1.0f;
  return parameters;
}

TEST(Sampler, GreedyTakesTheFirstOfTheLikeliest) {
  Sampler sampler({});
  EXPECT_EQ(sampler.sample(row({0.0f, 2.0f, 2.0f, 1.0f})).item<int>(), 1);
}

// At every place of vocabularies that are no whole number of vectors, whatever stands around it.
TEST(Sampler, GreedyLooksEverywhere) {
  for (size_t size : {1u, 15u, 16u, 17u, 49u}) {
    for (size_t at = 0; at < size; at++) {
      std::vector<float> logits(size, -3.0f);
      for (size_t i = 0; i < size; i += 3) logits[i] = i % 2 ? -INFINITY : NAN;
      logits[at] = -2.0f;
      if (at + 16 < size) logits[at + 16] = -2.0f;
      Sampler sampler({});
      EXPECT_EQ(sampler.sample(row(logits)).item<int>(), static_cast<int>(at)) << size;
    }
  }
}

TEST(Sampler, DrawsByProbability) {
  const auto got = frequencies(warm());
  EXPECT_NEAR(got.at(1), 0.5, 0.02);
  EXPECT_NEAR(got.at(3), 0.25, 0.02);
  EXPECT_NEAR(got.at(0), 0.15, 0.02);
  EXPECT_NEAR(got.at(2), 0.1, 0.02);
}

TEST(Sampler, TemperatureSharpens) {
  GenerateParameters parameters = warm();
  parameters.temperature = 0.5f;  // squares: 0.25, 0.0625, 0.0225, 0.01 of 0.345
  const auto got = frequencies(parameters);
  EXPECT_NEAR(got.at(1), 0.25 / 0.345, 0.02);
  EXPECT_NEAR(got.at(3), 0.0625 / 0.345, 0.02);
}

// mlx-lm keeps the tokens whose ascending cumulative probability exceeds 1 - top_p.
TEST(Sampler, TopPKeepsTheSmallestSetOfThatMass) {
  GenerateParameters parameters = warm();
  parameters.top_p = 0.6f;  // ascending sums 0.1, 0.25, 0.5, 1.0: above 0.4 lie 0.25's and 0.5's
  auto got = frequencies(parameters);
  EXPECT_EQ(got.size(), 2u);
  EXPECT_NEAR(got.at(1), 2.0 / 3, 0.02);
  parameters.top_p = 0.4f;
  EXPECT_EQ(frequencies(parameters).size(), 1u);
}

TEST(Sampler, TopKAndMinP) {
  GenerateParameters parameters = warm();
  parameters.top_k = 3;
  EXPECT_EQ(frequencies(parameters).size(), 3u);
  parameters.top_k = 0;
  parameters.min_p = 0.4f;  // of 0.5: keeps 0.25, drops 0.15
  EXPECT_EQ(frequencies(parameters).size(), 2u);
}

// Filters act before the temperature.
TEST(Sampler, FiltersIgnoreTheTemperature) {
  GenerateParameters parameters = warm();
  parameters.temperature = 10.0f;
  parameters.top_p = 0.6f;
  EXPECT_EQ(frequencies(parameters).size(), 2u);
}

TEST(Sampler, RepetitionPenaltySeesTheWindowOncePerToken) {
  GenerateParameters parameters;
  parameters.repetition_penalty = 2.0f;
  parameters.repetition_context = 2;
  Sampler sampler(parameters);
  const array logits = row({1.0f, 1.9f, 1.2f, -5.0f});
  EXPECT_EQ(sampler.sample(logits).item<int>(), 1);  // window: nothing
  EXPECT_EQ(sampler.sample(logits).item<int>(), 2);  // 1.9 / 2 = 0.95
  EXPECT_EQ(sampler.sample(logits).item<int>(), 0);  // 0.95 and 0.6
  EXPECT_EQ(sampler.sample(logits).item<int>(), 1);  // 1 has left the window
}

TEST(Sampler, SeedsRepeat) {
  GenerateParameters parameters = warm();
  parameters.seed = 3;
  Sampler a(parameters), b(parameters);
  for (int i = 0; i < 50; i++) {
    EXPECT_EQ(a.sample(row(kLogits)).item<int>(), b.sample(row(kLogits)).item<int>());
  }
}

TEST(Sampler, NotANumberIsNeverChosen) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (float temperature : {0.0f, 1.0f}) {
    GenerateParameters parameters;
    parameters.temperature = temperature;
    Sampler sampler(parameters);
    EXPECT_EQ(sampler.sample(row({nan, -1.0f, nan})).item<int>(), 1);
    EXPECT_THROW(sampler.sample(row({nan, nan})), Error);
  }
}

TEST(Sampler, RefusesParametersOutOfRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [](auto set) {
    GenerateParameters parameters;
    set(parameters);
    EXPECT_THROW(check_parameters(parameters), Error);
  };
  refused([&](auto& p) { p.temperature = nan; });
  refused([&](auto& p) { p.temperature = -1; });
  refused([&](auto& p) { p.top_p = 1.5f; });
  refused([&](auto& p) { p.top_p = nan; });
  refused([&](auto& p) { p.top_k = -1; });
  refused([&](auto& p) { p.min_p = -0.1f; });
  refused([&](auto& p) { p.repetition_penalty = 0; });
  refused([&](auto& p) { p.max_tokens = -1; });
  check_parameters({});
}

}  // namespace
}  // namespace mlxa::runtime
