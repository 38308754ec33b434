// Evidence that is dear and only sometimes needed: what the diagnosis would ask for, seen from what
// is known so far. Observe answers before the window closes.
#pragma once

#include <compare>
#include <cstdint>

#include "model/evidence.h"

namespace model {

struct Question {
  enum class Kind : std::uint8_t {
    kOwners,       // processes and cgroups of the UDP sockets and listeners with drops
    kWatchQueues,  // the receive queues of UDP sockets with drops, at every point from now on
    kTcpSockets,   // established TCP sockets with tcp_info
  };
  Kind kind = Kind::kOwners;
  Inode netns;
  friend auto operator<=>(const Question&, const Question&) = default;
};

}  // namespace model
