// Whether two counts differ by more than chance. Pure arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace comparison {

// A count of events, and in how much of seconds or packets they came.
struct Count {
  std::uint64_t events = 0;
  double exposure = 0;  // above 0
};

// How far the two rates are from being one, in standard deviations; positive where B's is higher.
//
// Given their sum, B's events are binomial if the rates are equal (Przyborowski and Wilenski,
// Biometrika 31, 1940): with few events by the exact tail (mid-p, Lancaster 1961), with many by the
// normal law. `dispersion` is the variance of the events over that of a Poisson process (1: each
// comes by itself; more: they come in bursts) and widens the distance by its root (McCullagh and
// Nelder, Generalized Linear Models, 1989, section 6.2).
[[nodiscard]] double distance(const Count& a, const Count& b, double dispersion);

// What the events of two windows say of their dispersion: of each, how many came in each interval
// of equal length. The intervals are also joined by two, four, …, down to 16 a window, because
// bursts may be longer than one. Where the spread is no more than chance makes of a Poisson process
// (5 %, chi-squared, Wilson and Hilferty's approximation), and where there is too little to see, 1.
[[nodiscard]] double dispersion_of(const std::vector<std::uint64_t>& a,
                                   const std::vector<std::uint64_t>& b);

}  // namespace comparison
