// Reads how each CPU spent its time.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// Tells cpu.STATE{cpu="N",shared="host"} of each line "cpuN …" of /proc/stat, in ticks of USER_HZ
// (10 ms on every architecture that whydrop runs on).
void parse_cpu_times(std::string_view text, Look& look);

}  // namespace sources
