// Whose packet it was, read from the first bytes of a dropped packet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "model/evidence.h"
#include "model/trace_event.h"

namespace probes::drops {

// Where the bytes begin: at the IP header, at the link-layer header, or at whatever skb->data stood
// on when neither was set.
using model::HeaderStart;

// "udp", "tcp", "icmp" (of both families), or the IP protocol number.
[[nodiscard]] std::string protocol_name(std::uint8_t number);
// Of AF_INET or AF_INET6, the bytes as in the header.
[[nodiscard]] std::string address_text(int family, std::span<const std::uint8_t> address);

// `protocol` is the ethertype that the kernel noted, 0 where it did not. Nothing where the bytes
// are no whole IPv4 or IPv6 header. Ports are 0 for a later fragment, for ICMP and for a protocol
// that has none; IPv6 extension headers are not followed.
[[nodiscard]] std::optional<model::Flow> parse_flow(std::span<const std::uint8_t> headers,
                                                    HeaderStart start, std::uint16_t protocol);

}  // namespace probes::drops
