// What the kernel's drop monitor (net/core/drop_monitor.c) says of one packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/netlink.h"
#include "host/symbols.h"

namespace probes::drops {

struct MonitoredDrop {
  std::uint64_t location = 0;  // 0: dropped by hardware
  std::string symbol;          // as the kernel prints it: "udp_queue_rcv_one_skb+0x1f2/0x2a0"
  std::string reason;          // "" before 6.1
  std::string trap;            // devlink trap of the hardware: "blackhole_route"
  std::int64_t wall_ns = 0;    // since 1970
  std::uint32_t length_bytes = 0;
  std::uint16_t protocol = 0;
  std::span<const std::byte> start;  // of the packet, from its link header; into the message
};

// Nothing where the message is no packet's.
[[nodiscard]] std::optional<MonitoredDrop> parse_monitored_drop(
    const base::NetlinkMessage& message);

// "udp_queue_rcv_one_skb+0x1f2/0x2a0 [udp]" taken apart.
[[nodiscard]] host::Symbol parse_printed_symbol(std::string_view text);

// Packets that the monitor had no room for, since it was first started; 0 where it does not tell.
[[nodiscard]] std::uint64_t parse_monitor_losses(const base::NetlinkMessage& message);

}  // namespace probes::drops
