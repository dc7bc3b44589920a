#include "measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mlxa::measure {
namespace {

std::vector<double> run_all(std::span<const Probe> probes) {
  std::vector<double> rates;
  for (const Probe& probe : probes) rates.push_back(probe());
  return rates;
}

bool steady(const std::vector<double>& before, const std::vector<double>& after) {
  for (size_t i = 0; i < before.size(); i++) {
    const double most = std::max(before[i], after[i]);
    if (std::abs(before[i] - after[i]) > kMaxDrift * most) return false;
  }
  return true;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("[spread_of] no values");
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] +
           (position - static_cast<double>(below)) * (values[above] - values[below]);
  };
  return {at(0.25), at(0.5), at(0.75)};
}

Pairs measure_pairs(int wanted, std::span<const Probe> probes,
                    const std::function<double()>& work) {
  Pairs out;
  out.probes.resize(probes.size());
  std::vector<double> before = run_all(probes);
  for (int tried = 0; tried < 2 * wanted; tried++) {
    if (static_cast<int>(out.seconds.size()) == wanted) break;
    const double seconds = work();
    std::vector<double> after = run_all(probes);
    if (steady(before, after)) {
      out.seconds.push_back(seconds);
      for (size_t i = 0; i < probes.size(); i++) {
        out.probes[i].push_back((before[i] + after[i]) / 2);
      }
    } else {
      out.dropped_seconds.push_back(seconds);
    }
    before = std::move(after);
  }
  return out;
}

}  // namespace mlxa::measure
