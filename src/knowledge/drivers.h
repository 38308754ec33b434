// What the statistics of network drivers (ethtool -S) mean. Each driver names its own: a table for
// each, in drivers/, and for all others what a name suggests.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "knowledge/knowledge.h"

namespace knowledge {

struct Driver {
  std::string_view name;  // as sysfs and ethtool -i have it: "virtio_net"
  // Where the names and what the driver makes of them stand, below drivers/net/ of the kernel;
  // several files are separated by blanks.
  std::string_view source;
  // How old its statistics may be, because the card tells them only now and then; 0 = it is asked
  // when they are. The file and the constant that say so stand in `refresh_source`.
  std::chrono::milliseconds refresh{0};
  std::string_view refresh_source = {};
  // Names are without "ethtool."; a '*' stands for a number, that of a queue or a priority.
  std::span<const Counter> statistics;
};

// A row, and whether it was only guessed from the name.
struct Statistic {
  const Counter* row = nullptr;  // null: nothing is known of it
  bool is_guess = false;
};

[[nodiscard]] std::span<const Driver* const> all_drivers();
// Null where there is no table.
[[nodiscard]] const Driver* find_driver(std::string_view name);

// `statistic` is without "ethtool.". Guessed is only where the driver has no table.
[[nodiscard]] Statistic find_statistic(std::string_view driver, std::string_view statistic);

}  // namespace knowledge
