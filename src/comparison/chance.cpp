#include "comparison/chance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace comparison {
namespace {

constexpr std::size_t kFewestBlocks = 16;
// Up to here the tail is summed term by term.
constexpr std::uint64_t kFewEvents = 200;

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// P(X > k) + P(X = k) / 2 of a binomial.
double upper_mid_p(std::uint64_t n, double p, std::uint64_t k) {
  double sum = 0;
  for (std::uint64_t x = k; x <= n; ++x) {
    const auto events = static_cast<double>(x);
    const auto all = static_cast<double>(n);
    const double term =
        std::exp(log_choose(all, events) + events * std::log(p) + (all - events) * std::log1p(-p));
    sum += x == k ? term / 2 : term;
  }
  return sum;
}

// Where the standard normal's upper tail is `tail`: by bisection of erfc, to 1e-9.
double normal_quantile(double tail) {
  double low = -40;
  double high = 40;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) / 2 > tail ? low : high) = middle;
  }
  return low;
}

std::vector<double> joined(const std::vector<std::uint64_t>& counts, std::size_t by) {
  std::vector<double> blocks;
  for (std::size_t at = 0; at + by <= counts.size(); at += by) {
    const auto first = counts.begin() + static_cast<std::ptrdiff_t>(at);
    blocks.push_back(static_cast<double>(
        std::accumulate(first, first + static_cast<std::ptrdiff_t>(by), std::uint64_t{0})));
  }
  return blocks;
}

// Pearson's sum of squared differences over the mean; its expectation is blocks - 1.
struct Spread {
  double sum = 0;
  double freedom = 0;
};

Spread spread_of(const std::vector<double>& blocks) {
  if (blocks.size() < kFewestBlocks) return {};
  const double mean =
      std::accumulate(blocks.begin(), blocks.end(), 0.0) / static_cast<double>(blocks.size());
  if (mean <= 0) return {};
  Spread spread{.freedom = static_cast<double>(blocks.size() - 1)};
  for (const double block : blocks) spread.sum += (block - mean) * (block - mean) / mean;
  return spread;
}

// The 95th percentile of chi-squared over its degrees of freedom (Wilson and Hilferty 1931).
double chance_bound(double freedom) {
  constexpr double kUpper5Percent = 1.645;
  const double part = 2 / (9 * freedom);
  return std::pow(1 - part + kUpper5Percent * std::sqrt(part), 3);
}

}  // namespace

double distance(const Count& a, const Count& b, double dispersion) {
  const auto events = a.events + b.events;
  if (events == 0) return 0;
  const double p = b.exposure / (a.exposure + b.exposure);
  const auto all = static_cast<double>(events);
  double z = 0;
  if (events <= kFewEvents) {
    const double upper = std::clamp(upper_mid_p(events, p, b.events), 1e-300, 1 - 1e-16);
    z = normal_quantile(upper);
  } else {
    z = (static_cast<double>(b.events) - all * p) / std::sqrt(all * p * (1 - p));
  }
  return z / std::sqrt(std::max(dispersion, 1.0));
}

double dispersion_of(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  double widest = 1;
  for (std::size_t by = 1; std::max(a.size(), b.size()) / by >= kFewestBlocks; by *= 2) {
    const auto of_a = spread_of(joined(a, by));
    const auto of_b = spread_of(joined(b, by));
    const double freedom = of_a.freedom + of_b.freedom;
    if (freedom == 0) continue;
    const double ratio = (of_a.sum + of_b.sum) / freedom;
    if (ratio > chance_bound(freedom)) widest = std::max(widest, ratio);
  }
  return widest;
}

}  // namespace comparison
