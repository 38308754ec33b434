// Reads the size of devices' rings, by ethtool's ioctl: the numbers of `ethtool -g`. No right is
// needed to ask.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "sources/source.h"

namespace sources {

// A struct ethtool_ringparam: settings `ethtool.ring.rx`, `.rx_max`, `.tx`, `.tx_max`, descriptors
// of each queue.
void parse_rings(std::span<const std::byte> answer, const std::string& device,
                 const model::Inode& netns, Look& look);

}  // namespace sources
