#include "comparison/chance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace comparison {
namespace {

constexpr int kTrials = 4000;

std::vector<std::uint64_t> poisson(std::mt19937_64& random, std::size_t intervals, double mean) {
  std::poisson_distribution<std::uint64_t> law(mean);
  std::vector<std::uint64_t> counts(intervals);
  for (auto& count : counts) count = law(random);
  return counts;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  std::uint64_t all = 0;
  for (const auto count : counts) all += count;
  return all;
}

TEST(Chance, KnownDistances) {
  EXPECT_EQ(distance({0, 1}, {0, 1}, 1), 0);
  EXPECT_NEAR(distance({7, 1}, {7, 1}, 1), 0, 1e-6);
  EXPECT_NEAR(distance({10, 1}, {20, 2}, 1), 0, 0.1);
  // P(X >= 5 of 5, p = 1/2), mid-p: 1/64; the normal's tail of 1/64 is at 2.154.
  EXPECT_NEAR(distance({0, 1}, {5, 1}, 1), 2.1539, 1e-3);
  EXPECT_NEAR(distance({5, 1}, {0, 1}, 1), -2.1539, 1e-3);
  EXPECT_NEAR(distance({1000, 1}, {1200, 1}, 1), 200 / std::sqrt(2200.0), 1e-6);
  EXPECT_NEAR(distance({1000, 1}, {1200, 1}, 4), 100 / std::sqrt(2200.0), 1e-6);
  EXPECT_GT(distance({0, 1}, {200, 1}, 1), 7);
}

TEST(Chance, TheExactTailAndTheNormalLawMeet) {
  EXPECT_NEAR(distance({80, 1}, {120, 1}, 1), distance({80, 1}, {121, 1}, 1), 0.1);
}

TEST(Chance, EqualRatesAreSeldomToldApart) {
  std::mt19937_64 random(1);  // NOLINT: the same each time
  for (const double mean : {0.02, 0.5, 8.0}) {
    int apart = 0;
    for (int at = 0; at < kTrials; ++at) {
      const auto a = poisson(random, 100, mean);
      const auto b = poisson(random, 300, mean);
      const double z = distance({sum(a), 100}, {sum(b), 300}, dispersion_of(a, b));
      if (std::fabs(z) > 1.96) ++apart;
    }
    EXPECT_LT(apart, kTrials * 0.055) << mean;
    EXPECT_GT(apart, kTrials * 0.01) << "a test that never says anything is none: " << mean;
  }
}

TEST(Chance, ADoubledRateIsTold) {
  std::mt19937_64 random(2);  // NOLINT: the same each time
  for (const double lost : {50.0, 75.0, 150.0}) {
    int told = 0;
    for (int at = 0; at < kTrials; ++at) {
      const auto a = poisson(random, 100, lost / 100);
      const auto b = poisson(random, 100, 2 * lost / 100);
      if (distance({sum(a), 1}, {sum(b), 1}, dispersion_of(a, b)) > 1.96) ++told;
    }
    EXPECT_GT(told, kTrials * (lost > 50 ? 0.99 : 0.96)) << lost;
  }
}

// Bursts of 20 packets: windows of the same load differ by far more than single packets would.
TEST(Chance, BurstsWidenTheBound) {
  std::mt19937_64 random(3);  // NOLINT: the same each time
  int apart = 0;
  int by_poisson = 0;
  for (int at = 0; at < kTrials; ++at) {
    auto a = poisson(random, 100, 0.3);
    auto b = poisson(random, 100, 0.3);
    for (auto* counts : {&a, &b}) {
      for (auto& count : *counts) count *= 20;
    }
    if (std::fabs(distance({sum(a), 1}, {sum(b), 1}, dispersion_of(a, b))) > 1.96) ++apart;
    if (std::fabs(distance({sum(a), 1}, {sum(b), 1}, 1)) > 1.96) ++by_poisson;
  }
  EXPECT_LT(apart, kTrials * 0.08);
  EXPECT_GT(by_poisson, kTrials * 0.5);
}

TEST(Chance, ABurstMayBeLongerThanAnInterval) {
  // Ten intervals of 5 in a row, thirty of nothing, again and again.
  std::vector<std::uint64_t> slow(800, 0);
  for (std::size_t at = 0; at < slow.size(); ++at) slow[at] = at % 40 < 10 ? 5 : 0;
  EXPECT_GT(dispersion_of(slow, slow), 10);
  EXPECT_EQ(dispersion_of({}, {}), 1);
  EXPECT_EQ(dispersion_of({1, 2, 3}, {4, 5, 6}), 1) << "too few to see";
}

}  // namespace
}  // namespace comparison
