// The retransmits probe: every TCP segment that the host sends again, by flow and by kind, and
// every reset; a thinning share of both is sampled for its story. retransmits.bpf.c is the kernel
// half; retransmits.wire.h what crosses.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"
#include "model/retransmissions.h"
#include "probes/retransmits/tallies.h"

namespace probes::retransmits {

struct Options {
  std::uint32_t samples_per_second = 1000;  // budget of the host; beyond it they are left out
  std::uint32_t sample_every = 1024;        // of a busy flow, after its first few; a power of two
  bool stacks = false;
  std::uint32_t most_flows = wire::kRetransmitFlows;  // what comes after them is only summed up
};

// Since start().
struct Totals {
  std::uint64_t segments = 0;  // of all flows, those outside the table included
  std::uint64_t outside_segments = 0;
};

// Attached while it lives; the destructor detaches and leaves nothing behind.
class Probe {
 public:
  virtual ~Probe() = default;
  // Time zero of the window, right before the counters are read for the first time.
  virtual void start(std::chrono::nanoseconds monotonic_now) = 0;
  // Reads the flows, where there was an event, and the waiting samples; called at each point of the
  // timeline, at least once a second, right beside reading the counters.
  virtual Totals poll() = 0;
  // The samples that came since the last call, in the order of their time; finish() then has none.
  [[nodiscard]] virtual model::Retransmissions told(const Names& names) = 0;
  // Ends the window: looks at the sockets of its flows once more, detaches, and gives everything
  // from start() to the last poll(), with names. Error: the kernel did not let the flows be read.
  [[nodiscard]] virtual base::Result<model::Retransmissions> finish(const Names& names) = 0;
  // What it does not see on this kernel.
  [[nodiscard]] virtual std::vector<model::BlindSpot> blind_spots() const = 0;
};

// Error: what the kernel refused, and which capability or kernel option would allow it.
[[nodiscard]] base::Result<std::unique_ptr<Probe>> attach(const Options& options);

// Memory that the BPF maps take.
[[nodiscard]] std::uint64_t map_bytes(std::uint32_t most_flows, int possible_cpus);

}  // namespace probes::retransmits
