// Medians, quartiles, and which pairs count.
#include "measure/statistics.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace mlxa::measure {
namespace {

void expect_spread(std::vector<double> values, double lower, double median, double upper) {
  const Spread spread = spread_of(std::move(values));
  EXPECT_DOUBLE_EQ(spread.lower, lower);
  EXPECT_DOUBLE_EQ(spread.median, median);
  EXPECT_DOUBLE_EQ(spread.upper, upper);
}

TEST(Statistics, QuartilesAreNumpys) {
  expect_spread({7}, 7, 7, 7);
  expect_spread({3, 1}, 1.5, 2, 2.5);
  expect_spread({9, 1, 5, 3, 7}, 3, 5, 7);
  expect_spread({4, 1, 2, 3}, 1.75, 2.5, 3.25);  // numpy.percentile([1, 2, 3, 4], [25, 50, 75])
  EXPECT_THROW(spread_of({}), std::invalid_argument);
}

// Probes that say the scripted rates, the last one for ever.
class Script {
 public:
  explicit Script(std::vector<double> rates) : rates_(std::move(rates)) {}
  Probe probe() {
    return [this] {
      const double rate = rates_[std::min(next_, rates_.size() - 1)];
      next_++;
      return rate;
    };
  }
  size_t calls() const { return next_; }

 private:
  std::vector<double> rates_;
  size_t next_ = 0;
};

TEST(Statistics, APairStandsBetweenTheProbesBeforeAndAfter) {
  Script script({100, 110, 108, 99});
  double seconds = 0;
  const Probe probes[] = {script.probe()};
  const Pairs pairs = measure_pairs(3, probes, [&] { return ++seconds; });
  EXPECT_EQ(pairs.seconds, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(pairs.probes[0], (std::vector<double>{105, 109, 103.5}));
  EXPECT_EQ(script.calls(), 4u);
  EXPECT_TRUE(pairs.dropped_seconds.empty());
}

TEST(Statistics, PairsWithProbesATenthApartAreDroppedAndReplaced) {
  // Apart by 10 % of the larger: kept; by more: dropped, in both directions.
  Script script({100, 90, 80.9, 90, 100});
  double seconds = 0;
  const Probe probes[] = {script.probe()};
  const Pairs pairs = measure_pairs(2, probes, [&] { return ++seconds; });
  EXPECT_EQ(pairs.seconds, (std::vector<double>{1, 4}));
  EXPECT_EQ(pairs.dropped_seconds, (std::vector<double>{2, 3}));
}

TEST(Statistics, EveryProbeMustBeSteady) {
  Script steady({5}), jumping({1, 2, 1, 2, 1});
  const Probe probes[] = {steady.probe(), jumping.probe()};
  const Pairs pairs = measure_pairs(2, probes, [] { return 1.0; });
  EXPECT_TRUE(pairs.seconds.empty());
  EXPECT_EQ(pairs.dropped_seconds.size(), 4u);  // twice as many as wanted, then it gives up
}

}  // namespace
}  // namespace mlxa::measure
