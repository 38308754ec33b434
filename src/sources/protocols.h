// Reads how many sockets each protocol has, and whether it is short of memory.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// /proc/net/protocols: gauges `protocols.sockets{netns,protocol}`; of protocols with an account of
// memory `protocols.memory_pages{protocol,shared}` and `protocols.pressure{protocol,shared}`, 1
// while the kernel thinks that it uses too much.
void parse_protocols(std::string_view text, const model::Inode& netns, Look& look);

}  // namespace sources
