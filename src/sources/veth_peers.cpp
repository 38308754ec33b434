// The kernel tells of a veth device its peer's ifindex, and the number by which this namespace
// knows the peer's: containers that were made alike have the same of both. But it also answers
// questions about the namespace behind such a number (IFLA_TARGET_NETNSID, since 4.20), so the
// peer's link-layer address can be asked for, and with the own one tells which pair it is.
#include "sources/veth_peers.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <fmt/format.h>

#include "sources/link.h"

namespace sources {
namespace {

// The link-layer address of the device at the far end; nothing where it went away meanwhile.
std::optional<std::string> address_of_peer(const Access& access, const FarEnd& end) {
  struct {
    ifinfomsg header{};
    rtattr attribute{.rta_len = RTA_LENGTH(sizeof(std::int32_t)), .rta_type = IFLA_TARGET_NETNSID};
    std::int32_t netns_id = 0;
  } request;
  request.header.ifi_index = static_cast<int>(end.peer_ifindex);
  request.netns_id = end.netns_id;
  std::optional<std::string> address;
  (void)access.netlink.request(
      NETLINK_ROUTE, RTM_GETLINK, 0, std::as_bytes(std::span(&request, 1)),
      [&](const base::NetlinkMessage& message) { address = link_layer_address(message); });
  return address;
}

}  // namespace

// A device that went away meanwhile has no peer any more; nothing is told of it.
void read_veth_ends(const Access& access, Look& look) {
  const auto devices = dump_devices(access);
  if (!devices) return;
  for (const auto& message : *devices) {
    const auto end = parse_far_end(message);
    const auto peer = end ? address_of_peer(access, *end) : std::nullopt;
    if (peer) look.veth_ends.push_back({access.netns, end->ifindex, end->address, *peer});
  }
}

std::optional<std::string> link_layer_address(const base::NetlinkMessage& message) {
  if (message.type != RTM_NEWLINK) return {};
  const auto attributes = base::attributes_after(message.payload, sizeof(ifinfomsg));
  const auto bytes = base::attribute(attributes, IFLA_ADDRESS);
  if (!bytes || bytes->empty()) return {};
  std::string text;
  for (const auto byte : *bytes) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", static_cast<unsigned>(byte));
  }
  return text;
}

std::optional<FarEnd> parse_far_end(const base::NetlinkMessage& message) {
  const auto header = base::read_plain<ifinfomsg>(message.payload);
  const auto address = link_layer_address(message);
  if (!header || !address) return {};
  const auto attributes = base::attributes_after(message.payload, sizeof(ifinfomsg));
  const auto info = base::attribute(attributes, IFLA_LINKINFO);
  const auto kind = info ? base::text_attribute(*info, IFLA_INFO_KIND) : std::nullopt;
  const auto peer = base::plain_attribute<std::uint32_t>(attributes, IFLA_LINK);
  const auto netns = base::plain_attribute<std::int32_t>(attributes, IFLA_LINK_NETNSID);
  if (kind != "veth" || !peer || !netns) return {};
  return FarEnd{static_cast<std::uint32_t>(header->ifi_index), *address, *peer, *netns};
}

extern const Source veth_peers;
const Source veth_peers = {.name = "veth_peers",
                           .scope = Scope::kNetns,
                           .cadence = Cadence::kWhenAsked,
                           .read = read_veth_ends,
                           .answers = model::Question::Kind::kVethPeers};

}  // namespace sources
