// Reads sockets: all of UDP and the TCP listeners always, other TCP sockets only when asked.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace sources {

// The UDP sockets of the namespace: cheap enough to watch their queues at every point.
void read_udp_sockets(const Access& access, Look& look);

// The TCP listeners: the kernel keeps a short list of them, so this is cheap too.
void read_listeners(const Access& access, Look& look);

// The TCP sockets that carry or close a connection, with tcp_info. Dear: the kernel walks the
// sockets of the whole host for each namespace (7 ms for 108,000 of them, even where none is in
// it).
void read_tcp_established(const Access& access, Look& look);

// One answer of sock_diag; nothing where it is too short or of a family other than IP.
// `protocol` is IPPROTO_UDP or IPPROTO_TCP.
[[nodiscard]] std::optional<model::Socket> parse_socket(std::span<const std::byte> payload,
                                                        int protocol, const model::Inode& netns);

// The sockets of /proc/net/udp or udp6; `family` is 4 or 6.
[[nodiscard]] std::vector<model::Socket> parse_proc_udp(std::string_view text, int family,
                                                        const model::Inode& netns);

}  // namespace sources
