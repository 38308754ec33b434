// How the accept queue of a listener behaves: how full it stays while connections are refused, and
// how many more would have had to fit.
#pragma once

#include <cstdint>
#include <optional>

#include "diagnose/ledger.h"
#include "model/evidence.h"

namespace diagnose {

struct AcceptQueue {
  const model::Socket* listener = nullptr;  // the one that refused most; null = none was seen
  std::uint64_t limit = 0;                  // connections: what listen() asked for, capped
  std::uint64_t longest = 0;                // seen waiting at once
  bool watched = false;                     // looked at often enough while connections were refused
  std::uint32_t points = 0;
  double emptiest_share = 0;                  // of the limit, while connections were refused
  std::optional<double> finished_per_second;  // handshakes, all listeners of the namespace
  // Most refused in intervals that follow each other; SYNs that came again count again.
  std::uint64_t largest_burst = 0;
};

[[nodiscard]] AcceptQueue accept_queue_of(const model::Evidence& evidence, const Booked& booked);

}  // namespace diagnose
