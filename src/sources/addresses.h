// Reads the addresses of the devices of a namespace.
#pragma once

#include <span>

#include "sources/source.h"

namespace sources {

// Adds the address of each RTM_NEWADDR message to `look`.
void parse_addresses(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                     Look& look);

}  // namespace sources
