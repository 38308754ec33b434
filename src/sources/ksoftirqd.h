// Reads how long the kernel's softirq threads ran, and waited for their CPU.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// One /proc/PID/schedstat of the thread of a CPU: counters `ksoftirqd.run_ns`, `.delay_ns` (ready
// to run, and not running) and `.slices`.
void parse_schedstat(std::string_view cpu, std::string_view text, Look& look);

}  // namespace sources
