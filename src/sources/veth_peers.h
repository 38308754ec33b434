// Reads which ends of veth pairs belong together, by their link-layer addresses.
#pragma once

#include <optional>
#include <string>

#include "sources/source.h"

namespace sources {

// A veth device whose other end is in another namespace.
struct FarEnd {
  std::uint32_t ifindex = 0;
  std::string address;             // link layer, of the near end
  std::uint32_t peer_ifindex = 0;  // in the far namespace
  std::int32_t netns_id = 0;       // what the near namespace calls the far one
};

// What the source does, for observe, which reads them where pairs look alike.
void read_veth_ends(const Access& access, Look& look);

// What an RTM_NEWLINK message says of such a device; nothing for every other device.
[[nodiscard]] std::optional<FarEnd> parse_far_end(const base::NetlinkMessage& message);

// "02:00:00:00:00:01" of an RTM_NEWLINK message; nothing where it has none.
[[nodiscard]] std::optional<std::string> link_layer_address(const base::NetlinkMessage& message);

}  // namespace sources
