// How short of memory the host is: what the kernel did for want of it (/proc/vmstat), what there is
// (/proc/meminfo), and how long tasks waited (/proc/pressure, PSI).
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// Counters vmstat.NAME: the few that tell of a shortage or of memory taken back for it; pages or
// events, as the kernel counts them.
void parse_vmstat(std::string_view text, Look& look);

// Gauges meminfo.NAME, bytes.
void parse_meminfo(std::string_view text, Look& look);

// Counters pressure.RESOURCE.some and .full: microseconds in which some or all tasks waited.
void parse_pressure(std::string_view resource, std::string_view text, Look& look);

}  // namespace sources
