// The checksum of IPv4, ICMP, TCP and UDP (RFC 1071), for packets that the lab builds itself.
#pragma once

#include <cstdint>
#include <span>

namespace lab::traffic {

// The one's complement of the one's complement sum of the 16-bit words, in the byte order of the
// packet; an odd last byte is taken as if a zero followed.
[[nodiscard]] std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes);

}  // namespace lab::traffic
