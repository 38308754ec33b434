// Reads what became of the packets of IPsec.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace sources {

// /proc/net/xfrm_stat: counters `xfrm.XfrmInNoStates{netns}`.
void parse_xfrm(std::string_view text, const model::Inode& netns, Look& look);

}  // namespace sources
