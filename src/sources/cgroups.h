// Reads the limits that groups of processes run into: CPU time that they were refused, memory.
#pragma once

#include <string>
#include <string_view>

#include "sources/source.h"

namespace sources {

// cpu.stat of a group of version 1 or 2: counters `cgroup.nr_periods`, `.nr_throttled`,
// `.throttled_usec` {path,shared}. Nothing where no limit is set.
void parse_cpu_stat(std::string_view text, const std::string& path, Look& look);

// memory.events of version 2: counters `cgroup.memory.high`, `.max`, `.oom`, `.oom_kill`, …
void parse_memory_events(std::string_view text, const std::string& path, Look& look);

// All groups below the folders where version 2 and the controllers of version 1 are mounted, as
// /proc/self/mounts (`mounts`) tells.
void read_groups(const Access& access, std::string_view mounts, Look& look);

}  // namespace sources
