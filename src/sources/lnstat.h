// The tables of /proc/net/stat, which lnstat shows: connection tracking, routing cache, neighbours.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// A line of names, then a line for each CPU, hexadecimal. Told are counters lnstat.TABLE.NAME, the
// sum of all CPUs; `entries`, which every CPU's line repeats, is a gauge. `labels` follow each
// name.
void parse_stat_table(std::string_view table, std::string_view text, std::string_view labels,
                      Look& look);

}  // namespace sources
