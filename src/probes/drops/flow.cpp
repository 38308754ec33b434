#include "probes/drops/flow.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>

namespace probes::drops {

std::string address_text(int family, std::span<const std::uint8_t> address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address.data(), text, sizeof text);
  return text;
}

std::string protocol_name(std::uint8_t number) {
  switch (number) {
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return "icmp";
    default:
      return std::to_string(number);
  }
}

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kEthertypeIpv4 = 0x0800;
constexpr std::uint16_t kEthertypeIpv6 = 0x86dd;
constexpr std::uint16_t kEthertypeVlan = 0x8100;
constexpr std::uint16_t kEthertypeServiceVlan = 0x88a8;
constexpr size_t kIpv4HeaderBytes = 20;
constexpr size_t kIpv6HeaderBytes = 40;
constexpr size_t kEthernetHeaderBytes = 14;
constexpr size_t kVlanTagBytes = 4;

std::uint16_t number_at(Bytes bytes, size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

bool has_ports(std::uint8_t protocol) {
  return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP || protocol == IPPROTO_UDPLITE ||
         protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP;
}

void add_ports(model::Flow& flow, std::uint8_t protocol, Bytes payload) {
  if (!has_ports(protocol) || payload.size() < 4) return;
  flow.source_port = number_at(payload, 0);
  flow.destination_port = number_at(payload, 2);
}

std::optional<model::Flow> parse_ipv4(Bytes bytes) {
  if (bytes.size() < kIpv4HeaderBytes || bytes[0] >> 4 != 4) return {};
  const size_t header_bytes = size_t{bytes[0] & 0xfu} * 4;
  if (header_bytes < kIpv4HeaderBytes) return {};
  model::Flow flow{.protocol = protocol_name(bytes[9]),
                   .source = address_text(AF_INET, bytes.subspan(12, 4)),
                   .destination = address_text(AF_INET, bytes.subspan(16, 4))};
  const bool is_first_fragment = (number_at(bytes, 6) & 0x1fff) == 0;
  if (is_first_fragment && bytes.size() > header_bytes) {
    add_ports(flow, bytes[9], bytes.subspan(header_bytes));
  }
  return flow;
}

std::optional<model::Flow> parse_ipv6(Bytes bytes) {
  if (bytes.size() < kIpv6HeaderBytes || bytes[0] >> 4 != 6) return {};
  model::Flow flow{.protocol = protocol_name(bytes[6]),
                   .source = address_text(AF_INET6, bytes.subspan(8, 16)),
                   .destination = address_text(AF_INET6, bytes.subspan(24, 16))};
  add_ports(flow, bytes[6], bytes.subspan(kIpv6HeaderBytes));
  return flow;
}

std::optional<model::Flow> parse_ip(Bytes bytes, std::uint16_t protocol) {
  if (protocol == kEthertypeIpv4) return parse_ipv4(bytes);
  if (protocol == kEthertypeIpv6) return parse_ipv6(bytes);
  return {};
}

// Not every link layer is Ethernet (tun has none): the type field must agree with what the kernel
// noted, where it noted anything.
std::optional<model::Flow> parse_link(Bytes bytes, std::uint16_t protocol) {
  size_t at = kEthernetHeaderBytes;
  if (bytes.size() < at) return {};
  std::uint16_t type = number_at(bytes, at - 2);
  while ((type == kEthertypeVlan || type == kEthertypeServiceVlan) &&
         bytes.size() >= at + kVlanTagBytes) {
    at += kVlanTagBytes;
    type = number_at(bytes, at - 2);
  }
  if (auto flow = parse_ip(bytes.subspan(at), type)) return flow;
  // The link layer's own type can be left over from elsewhere.
  if (auto flow = parse_ip(bytes.subspan(kEthernetHeaderBytes), protocol)) return flow;
  return parse_ip(bytes, protocol);
}

}  // namespace

std::optional<model::Flow> parse_flow(std::span<const std::uint8_t> headers, HeaderStart start,
                                      std::uint16_t protocol) {
  if (headers.empty()) return {};
  if (start == HeaderStart::kLink) return parse_link(headers, protocol);
  if (protocol == kEthertypeIpv4 || protocol == kEthertypeIpv6) return parse_ip(headers, protocol);
  // 0 on output before the link layer, where only the version nibble tells.
  if (start == HeaderStart::kNetwork && protocol == 0) {
    return headers[0] >> 4 == 6 ? parse_ipv6(headers) : parse_ipv4(headers);
  }
  return {};
}

}  // namespace probes::drops
