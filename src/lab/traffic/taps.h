// Packet sockets that look at every packet of a device and take none: they make each packet dear,
// as a long list of firewall rules would.
#pragma once

#include <cstdint>
#include <string>

#include "lab/traffic/traffic.h"

namespace lab::traffic {

// Opens `count` of them on a device and keeps them until it is told to end. Counts nothing.
[[nodiscard]] base::Result<Counts> tap_packets(const Common& common, const std::string& device,
                                               std::uint64_t count);

}  // namespace lab::traffic
