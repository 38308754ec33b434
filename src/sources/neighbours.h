// Reads the ARP and neighbour discovery tables of a namespace.
#pragma once

#include <span>

#include "sources/source.h"

namespace sources {

// Adds the entries of a neighbour dump: unicast ones of IPv4 and IPv6 (those of state "noarp", as
// every multicast group has one, are nobody's to resolve).
void parse_neighbours(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                      std::vector<model::Neighbour>& neighbours);

}  // namespace sources
