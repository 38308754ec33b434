// Reads how large the routing tables are.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// /proc/net/fib_triestat: gauges `fib.prefixes{netns,table}` of each table of IPv4 that it shows.
void parse_fib_triestat(std::string_view text, const model::Inode& netns, Look& look);

// /proc/net/rt6_stats: gauges `fib6.nodes`, `.routes`, `.cached`, `.destinations` {netns}.
void parse_rt6_stats(std::string_view text, const model::Inode& netns, Look& look);

}  // namespace sources
