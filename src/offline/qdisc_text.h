// What `tc -s qdisc show` prints.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace offline {

// Tells the counters `qdisc.*` under the ids that sources/qdisc.h gives them, and the limits of
// queues that count in packets.
void parse_tc_qdisc(std::string_view text, const model::Inode& netns, sources::Look& look);

}  // namespace offline
