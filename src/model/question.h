// Evidence that is dear and only sometimes needed: what the diagnosis would ask for, seen from what
// is known so far. Observe answers before the window closes.
#pragma once

#include <compare>
#include <cstdint>

#include "model/evidence.h"

namespace model {

struct Question {
  enum class Kind : std::uint8_t {
    kOwners,          // processes and cgroups of the UDP sockets and listeners with drops
    kWatchQueues,     // the receive queues of UDP sockets with drops, at every point from now on
    kWatchListeners,  // the accept queues of listeners with drops, likewise
    kTcpSockets,      // established TCP sockets with tcp_info
    kRoutes,          // routes that drop, the routing settings of each device, and `route` if given
    kNeighbours,      // the ARP and neighbour discovery tables
    kPathPrograms,    // XDP programs and tc filters of every device
    kFirewall,        // chains of nftables and iptables
    // Which ends of veth pairs belong together, where numbers do not tell; observe asks this
    // itself.
    kVethPeers,
    kReceiveQueues,  // which CPUs each device's receive queues are steered to
    kWatchQdiscs,  // counters and backlogs of the queueing disciplines, at every point from now on
  };
  Kind kind = Kind::kOwners;
  Inode netns;
  // For kRoutes: a packet whose route is of interest; `destination` "" = none.
  struct Route {
    std::string source;
    std::string destination;
    std::uint32_t from_ifindex = 0;
    friend auto operator<=>(const Route&, const Route&) = default;
  };
  Route route;
  friend auto operator<=>(const Question&, const Question&) = default;
};

}  // namespace model
