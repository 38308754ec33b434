// ICMP echo requests through a raw socket, as ping sends them.
#pragma once

#include "lab/traffic/traffic.h"

namespace lab::traffic {

// `count` echo requests, `gap` apart, to an IPv4 address; its port does not matter. `received`
// counts the answers.
[[nodiscard]] base::Result<Counts> send_ping(const Common& common, const Address& to,
                                             std::uint64_t count, std::chrono::milliseconds gap);

}  // namespace lab::traffic
