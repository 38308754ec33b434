// Reads what hardware says by devlink: its reporters of ill health, and the packets that it
// trapped.
#pragma once

#include <cstddef>
#include <span>

#include "sources/source.h"

namespace sources {

// One answer to DEVLINK_CMD_HEALTH_REPORTER_GET: counters `devlink.health_errors`,
// `.health_recoveries` and setting `devlink.health_state` {device,netns,reporter}; device
// "pci/0000:03:00.0".
void parse_health_reporter(std::span<const std::byte> answer, const model::Inode& netns,
                           Look& look);

// One answer to DEVLINK_CMD_TRAP_GET: counters `devlink.trap_packets`, `.trap_bytes`,
// `.trap_dropped` {device,netns,trap}, setting `devlink.trap_action`.
void parse_trap(std::span<const std::byte> answer, const model::Inode& netns, Look& look);

}  // namespace sources
