// Reads /proc/net/softnet_stat: what each CPU's network softirq did, and what its backlog refused.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// Tells softnet.* of the text; `before` is the text at the last read, whose unchanged lines are
// skipped ("" for none).
void parse_softnet(std::string_view text, std::string_view before, Look& look);

}  // namespace sources
