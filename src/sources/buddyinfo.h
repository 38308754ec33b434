// Reads how torn free memory is.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// /proc/buddyinfo: gauges `buddyinfo.free{node,order,shared,zone}`, free blocks of 2^order pages.
void parse_buddyinfo(std::string_view text, Look& look);

}  // namespace sources
