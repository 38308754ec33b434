// Reads sockets: UDP, raw ones and the TCP listeners always, other TCP sockets only when asked.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

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

// Raw sockets: from /proc where the kernel has no raw_diag.
void read_raw_sockets(const Access& access, Look& look);

// All of them, TCP in every state, with tcp_info: as dear as read_tcp_established().
void read_all_sockets(const Access& access, Look& look);

// One answer of sock_diag; nothing where it is too short or of a family other than IP.
// `protocol` is IPPROTO_UDP, IPPROTO_TCP or IPPROTO_RAW.
[[nodiscard]] std::optional<model::Socket> parse_socket(std::span<const std::byte> payload,
                                                        int protocol, const model::Inode& netns);

}  // namespace sources
