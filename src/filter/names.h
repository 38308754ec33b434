// The names that a filter may use. Nothing is ever looked up, neither in a file nor in the network:
// a filter must not ask a name server, and a static binary has no resolver.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace filter {

struct Service {
  std::string_view name;
  std::uint16_t port;
  bool tcp;
  bool udp;
};

// A number is its own name, with both protocols: libpcap hands over the ends of a range so.
[[nodiscard]] std::optional<Service> service_of(std::string_view name);
[[nodiscard]] std::vector<std::string_view> service_names();

// "udp" -> 17, of IPv4 and IPv6.
[[nodiscard]] std::optional<int> ip_protocol(std::string_view name);
// "arp" -> 0x806.
[[nodiscard]] std::optional<int> ether_type(std::string_view name);
// "stp" -> 0x42: service access points of 802.2.
[[nodiscard]] std::optional<int> link_control(std::string_view name);

}  // namespace filter
