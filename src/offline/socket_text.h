// What `ss` and `netstat` print of sockets: who holds them, how large their buffers are, and the
// listeners with their queues.
#pragma once

#include <string_view>
#include <vector>

#include "model/socket.h"

namespace offline {

// Of `ss -peaonmi` and the like: UDP sockets and TCP listeners, with what was asked for. `protocol`
// is "udp" or "tcp" where ss was asked for that alone (-u, -t): it leaves out the column then.
[[nodiscard]] std::vector<model::Socket> parse_ss(std::string_view text, const model::Inode& netns,
                                                  std::string_view protocol = {});

// Of `netstat -W -neopa`: the same, as far as it knows them. It does not tell how long a listener's
// queue may be.
[[nodiscard]] std::vector<model::Socket> parse_netstat_sockets(std::string_view text,
                                                               const model::Inode& netns);

// Adds what `printed` knows and `sockets` lacks: owners and buffers of sockets of the same inode,
// and the listeners.
void add_printed_sockets(std::vector<model::Socket> printed, std::vector<model::Socket>& sockets);

}  // namespace offline
