// Two windows -> what changed between them. Pure.
#pragma once

#include <string>

#include "model/comparison.h"

namespace comparison {

// A window and what the user calls it.
struct Side {
  std::string name;
  const model::Evidence& evidence;
};

// A is the earlier, normal one. Every counter that was read in either window is in the outcome,
// also those that stayed the same: "not changed" is an answer, "not measured" another.
[[nodiscard]] model::Comparison compare(const Side& a, const Side& b);

// Rates closer than this are the same, however sure it is that they differ.
inline constexpr double kSmallestRatio = 1.25;
// Distances in standard deviations from which a change is more than chance: of counters of loss and
// its symptoms (5 %, two-sided), of the hundreds of others (0.1 %), and surely so.
inline constexpr double kOfLosses = 1.96;
inline constexpr double kOfOthers = 3.29;
inline constexpr double kSurely = 5.0;
// Of a counter that is read at the two ends only, its spread cannot be seen: then a change of
// anything but loss has to be this large.
inline constexpr double kUnseenRatio = 2.0;

}  // namespace comparison
