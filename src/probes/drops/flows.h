// Counts by flow, as flows.bpf.h keeps them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "probes/drops/drops.h"
#include "probes/drops/drops.wire.h"

namespace probes::drops {

// The two tables, and which of them is written to.
struct FlowTables {
  int even = -1;
  int odd = -1;
  volatile std::uint32_t* turn = nullptr;  // mapped from the program's memory
  [[nodiscard]] bool are_there() const { return turn != nullptr; }
};

// Takes all that is in the table at rest. Error: the kernel's word.
[[nodiscard]] base::Status empty_resting(const FlowTables& tables, std::vector<FlowCount>& counts);

[[nodiscard]] FlowCount flow_count(const wire::DropFlowKey& key, std::uint64_t packets);

}  // namespace probes::drops
