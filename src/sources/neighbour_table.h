// Reads how many neighbours each device has, in which state.
#pragma once

#include <span>

#include "sources/source.h"

namespace sources {

// A neighbour dump: gauges `neighbour.entries{dev,family,netns,state}`, family "ip" or "ip6".
void count_neighbours(std::span<const base::NetlinkMessage> messages, const Access& access,
                      Look& look);

}  // namespace sources
