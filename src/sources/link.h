// Reads the network devices of a namespace: what they are and what they counted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace sources {

// The name of the driver of a device ("virtio2") on a bus ("virtio"), "" where none is known.
using DriverOf = std::function<std::string(std::string_view bus, std::string_view device)>;

// Adds the device of each RTM_NEWLINK message to `look`, and its counters as link.FIELD.
void parse_links(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                 const DriverOf& driver_of_hardware, Memory* memory, Look& look);

// Tells what /proc/net/dev has unmixed; the columns in which the kernel adds several counters up
// (drop, frame, carrier) are left out.
void parse_proc_dev(std::string_view text, const model::Inode& netns, Look& look);

// The RTM_NEWLINK message of every device of the namespace, without its statistics. Error: as
// base::dump.
[[nodiscard]] base::Result<std::vector<base::NetlinkMessage>> dump_devices(const Access& access);

// The devices of RTM_NEWLINK messages, by ifindex.
[[nodiscard]] std::map<std::uint32_t, std::string> names_of_devices(
    std::span<const base::NetlinkMessage> messages);

// Fills in the other end of the veth pairs that cross namespaces, given the devices of all of them.
// Where several pairs look alike (same numbers on both sides), the link-layer addresses of `ends`
// tell them apart; without those their peers stay unknown.
void resolve_peers(std::vector<model::Device>& devices, const std::vector<VethEnds>& ends);

}  // namespace sources
