// What the driver of a network device counts, by ethtool's ioctl: the numbers of `ethtool -S`. No
// right is needed to ask.
#pragma once

#include <cstddef>
#include <span>

#include "sources/source.h"

namespace sources {

// One number as the driver names it, blanks before the name and all.
struct DriverStatistic {
  std::string_view name;
  std::uint64_t value = 0;
};

// Tells counters `ethtool.NAME{dev="…",netns="…"}`. Some drivers repeat their names for each queue
// below a heading "Rx Queue#": those have a label `queue`. Any other name that comes again has a
// label `nth`, from "2" on; blank names are left out.
void tell_driver_statistics(std::span<const DriverStatistic> statistics, const std::string& device,
                            const model::Inode& netns, Look& look);

// `strings` is a struct ethtool_gstrings and `values` a struct ethtool_stats as the kernel filled
// them, names and numbers behind. Told are counters `ethtool.NAME{dev="…",netns="…"}`. Some drivers
// repeat their names for each queue below a heading "Rx Queue#": those have a label `queue`. Any
// other name that comes again has a label `nth`, from "2" on; blank names are left out. False where
// the two do not belong together: a statistic came or went in between.
[[nodiscard]] bool parse_driver_statistics(std::span<const std::byte> strings,
                                           std::span<const std::byte> values,
                                           const std::string& device, const model::Inode& netns,
                                           Look& look);

}  // namespace sources
