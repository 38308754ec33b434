// Reads the queueing disciplines of a namespace's devices: what they sent, delayed and dropped, and
// what limits them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace sources {

// What the source does, for observe, which reads them at every point where a diagnosis watches
// them.
void read_qdiscs(const Access& access, Look& look);

// Tells qdisc.* of each RTM_NEWQDISC message, its limits as settings under the same labels. A qdisc
// below another one carries the label `parent`: its drops are in its parent's, too. `names` are
// those of the devices by ifindex; a qdisc of a device without name (it came after the names were
// read) is left out.
void parse_qdiscs(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                  const std::map<std::uint32_t, std::string>& names, Look& look);

// Tells the settings qdisc.class_* of each htb class of the device `device`.
void parse_classes(std::span<const base::NetlinkMessage> messages, const std::string& device,
                   const model::Inode& netns, Look& look);

// Tells SOURCE.bytes, .packets, .drops, .requeues, .overlimits, and gauges .qlen and .backlog, of
// the content of a TCA_STATS2 or TCA_ACT_STATS.
void tell_queue_statistics(std::string_view source, std::span<const std::byte> statistics,
                           std::string_view labels, Look& look);

// The names of the namespace's devices by ifindex: what the source `link` found, else asked for
// (without their statistics that is cheap).
[[nodiscard]] base::Result<std::map<std::uint32_t, std::string>> device_names(const Access& access);

// Those of them, by ifindex, that have a queueing discipline of one of `kinds`.
[[nodiscard]] base::Result<std::map<std::uint32_t, std::string>> devices_with_qdisc(
    const Access& access, std::span<const std::string_view> kinds);

// The RTM_NEWTCLASS messages of one device: the kernel lists classes device by device.
[[nodiscard]] base::Result<std::vector<base::NetlinkMessage>> dump_classes(const Access& access,
                                                                           std::uint32_t ifindex);

// "8001:", "8001:a", ":1" as tc prints it.
[[nodiscard]] std::string handle_text(std::uint32_t handle);

}  // namespace sources
