// Counts by call stack, as stacks.bpf.h keeps them.
#pragma once

#include <vector>

#include "probes/drops/drops.h"
#include "probes/drops/tallies.h"

namespace probes::drops {

// Descriptors of the maps, and how many CPUs may have counted.
struct StackMaps {
  int counts = -1;
  int traces = -1;
  int cpus = 1;
};

// Those of one place that read the same are one. What lies inside the call that freed the packet is
// the tracer's own, and left out.
[[nodiscard]] std::vector<CountedStack> read_stacks(const StackMaps& maps, const Names& names);

}  // namespace probes::drops
