// Reads how devices are made: what `ip -d link` shows.
#pragma once

#include <span>

#include "sources/source.h"

namespace sources {

// RTM_NEWLINK messages: settings `link.mtu`, `link.qdisc`, `link.tx_queues`, `link.promiscuity`
// and the like of each device, and what its kind adds: `bridge.*`, `bridge_port.*`, `vxlan.*`,
// `bond.*`, `bond_port.*`, `tun.*`, `vlan.*`, `macvlan.*` {dev,netns}. Counter
// `bond_port.link_failures`.
void parse_link_details(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                        Look& look);

}  // namespace sources
