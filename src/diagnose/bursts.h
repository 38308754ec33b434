// How the drops of an account lie in time: in bursts or steadily, and how many bytes the largest
// burst would have needed.
#pragma once

#include <cstdint>
#include <vector>

#include "diagnose/ledger.h"

namespace diagnose {

// Drops in slots of 10 ms, of all trace tallies of one account.
struct BurstShape {
  bool measured = false;
  bool complete = true;      // false: some slots were lost before they were read
  std::uint32_t bursts = 0;  // separated by at least kQuietSlots slots without a drop
  double longest_s = 0;      // from the first to the last drop of the longest burst
  double first_s = 0;        // first and last drop of all, since the start of the window
  double last_s = 0;
  double span_s = 0;                         // from one to the other
  double active_share = 0;                   // share of the span's slots with drops
  std::uint64_t largest_packets = 0;         // dropped in one burst
  std::uint64_t largest_truesize_bytes = 0;  // dropped in one burst, as charged to a buffer
  std::uint64_t largest_bytes = 0;           // dropped in one burst, as a qdisc counts them
  std::uint64_t window_truesize_bytes = 0;   // most dropped in any 100 ms
  double truesize_per_packet = 0;
  double bytes_per_packet = 0;
  // Some ways of tracing do not see how large a packet is.
  [[nodiscard]] bool has_truesize() const { return measured && truesize_per_packet > 0; }
  [[nodiscard]] bool has_bytes() const { return measured && bytes_per_packet > 0; }
};

// Slots without a drop that end a burst: 30 ms, longer than a scheduling delay, shorter than the
// pause between two bursts that a reader could use to drain its queue.
inline constexpr std::uint32_t kQuietSlots = 3;

// Seconds. Over a shorter span the share of slots with drops tells bursts from steady drops badly.
inline constexpr double kTellingSpan = 0.5;

[[nodiscard]] BurstShape burst_shape(const model::Evidence& evidence, const Booked& booked);

}  // namespace diagnose
