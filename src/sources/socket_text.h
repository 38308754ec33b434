// What the kernel says of sockets by numbers, in words; and those that it lists as text in /proc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.h"

namespace sources {

// "tcp", "udp", "raw" of IPPROTO_TCP, …
[[nodiscard]] std::string_view protocol_name(int protocol);

// "established", "listen", …; "unconnected" of protocols without connections.
[[nodiscard]] std::string socket_state(unsigned state, int protocol);

// `family` is AF_INET or AF_INET6, `address` in network order.
[[nodiscard]] std::string socket_address(int family, const void* address);

// The sockets of /proc/net/udp, udp6, raw or raw6; `protocol` is IPPROTO_UDP or IPPROTO_RAW,
// `family` 4 or 6.
[[nodiscard]] std::vector<model::Socket> parse_proc_sockets(std::string_view text, int protocol,
                                                            int family, const model::Inode& netns);

}  // namespace sources
