// Reads the queueing disciplines of a namespace's devices: what they sent, delayed and dropped.
#pragma once

#include <map>
#include <span>
#include <string>

#include "sources/source.h"

namespace sources {

// Tells qdisc.* of each RTM_NEWQDISC message. A qdisc below another one carries the label `parent`:
// its drops are in its parent's, too. `names` are those of the devices by ifindex; a qdisc of a
// device without name (it came after the names were read) is left out.
void parse_qdiscs(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                  const std::map<std::uint32_t, std::string>& names, Look& look);

// "8001:", "8001:a", ":1" as tc prints it.
[[nodiscard]] std::string handle_text(std::uint32_t handle);

}  // namespace sources
