// The addresses of the devices: they tell whose packets were lost, where the host knows the sender.
#include "sources/addresses.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <optional>

#include <fmt/format.h>

namespace sources {
namespace {

std::optional<DeviceAddress> parse_address(const base::NetlinkMessage& message,
                                           const model::Inode& netns) {
  const auto header = base::read_plain<ifaddrmsg>(message.payload);
  if (message.type != RTM_NEWADDR || !header) return {};
  if (header->ifa_family != AF_INET && header->ifa_family != AF_INET6) return {};
  const auto attributes = base::attributes_after(message.payload, sizeof(ifaddrmsg));
  // On a point-to-point device IFA_ADDRESS is the other end's; IFA_LOCAL is missing for IPv6.
  auto bytes = base::attribute(attributes, IFA_LOCAL);
  if (!bytes) bytes = base::attribute(attributes, IFA_ADDRESS);
  const size_t length = header->ifa_family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
  if (!bytes || bytes->size() < length) return {};
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(header->ifa_family, bytes->data(), text, sizeof text);
  return DeviceAddress{netns, header->ifa_index, fmt::format("{}/{}", text, header->ifa_prefixlen)};
}

// Not a blind spot where it fails: no stage is hidden, the report only names fewer senders.
void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  const auto messages = base::dump(access.netlink, NETLINK_ROUTE, RTM_GETADDR, ifaddrmsg{});
  if (messages) parse_addresses(*messages, access.netns, look);
}

}  // namespace

void parse_addresses(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                     Look& look) {
  for (const auto& message : messages) {
    if (auto address = parse_address(message, netns)) look.addresses.push_back(std::move(*address));
  }
}

extern const Source addresses;
const Source addresses = {
    .name = "addresses", .scope = Scope::kNetns, .cadence = Cadence::kSettings, .read = read};

}  // namespace sources
