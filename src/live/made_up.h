// Headers of packets that have none: a segment that TCP is about to send again is only fields when
// it is seen. For filters and for capture files; checksums are 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace live {

struct TcpFields {
  int family = 4;
  std::string source;
  std::uint16_t source_port = 0;
  std::string destination;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledges = 0;
  std::uint8_t flags = 0;
  std::uint32_t payload_bytes = 0;  // in the length fields only
};

inline constexpr std::size_t kEthernetBytes = 14;

// Ethernet without addresses, IPv4 or IPv6, TCP without options. Empty where an address is none.
[[nodiscard]] std::vector<std::uint8_t> made_up_headers(const TcpFields& fields);

}  // namespace live
