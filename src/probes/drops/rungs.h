// The ways to see drops, one file each; drops.cpp chooses.
#pragma once

#include "probes/drops/drops.h"

namespace probes::drops {

// Types from the running kernel's BTF: all that is known of a packet.
[[nodiscard]] base::Result<Attached> attach_by_btf(const Options& options,
                                                   const host::DropReasons& reasons);

// The classic tracepoint, described by tracefs: exact counts of place, reason and protocol.
[[nodiscard]] base::Result<std::unique_ptr<Probe>> attach_by_tracepoint(
    const Options& options, const host::DropReasons& reasons);

// The kernel's drop monitor, by netlink: place, reason, protocol and the first bytes of each
// packet, as many a second as netlink carries; the rest is counted as outside the table.
[[nodiscard]] base::Result<std::unique_ptr<Probe>> attach_by_drop_monitor(const Options& options);

}  // namespace probes::drops
