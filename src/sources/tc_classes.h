// Reads what the classes of queueing disciplines counted.
#pragma once

#include <span>
#include <string>

#include "sources/source.h"

namespace sources {

// RTM_NEWTCLASS messages of one device: counters `class.packets`, `.bytes`, `.drops`,
// `.overlimits`, `.requeues` and gauges `class.qlen`, `.backlog` {class,dev,kind,netns}.
void parse_class_counters(std::span<const base::NetlinkMessage> messages, const std::string& device,
                          const model::Inode& netns, Look& look);

}  // namespace sources
