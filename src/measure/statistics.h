// Rates on shared machines: work between probes, medians and quartiles.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "mlxa/measure.h"

namespace mlxa::measure {

/// Median and quartiles, interpolated between neighbours (numpy's default). Throws
/// std::invalid_argument for no values.
Spread spread_of(std::vector<double> values);

/// Units per second that the machine gives now.
using Probe = std::function<double()>;

/// Work between probes.
struct Pairs {
  std::vector<double> seconds;              ///< of the work, pairs that were kept
  std::vector<std::vector<double>> probes;  ///< per probe and kept pair: mean of before and after
  std::vector<double> dropped_seconds;
};

/// Pairs whose two probes differ by more than this share of the larger are dropped.
inline constexpr double kMaxDrift = 0.1;

/// Runs the probes, then work and probes in turn, until `wanted` pairs are kept or twice as many
/// were tried. `work` returns its seconds.
Pairs measure_pairs(int wanted, std::span<const Probe> probes, const std::function<double()>& work);

}  // namespace mlxa::measure
