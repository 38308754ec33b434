// The kernel tells of a veth device its peer's ifindex, and the number by which this namespace
// knows the peer's: containers that were made alike have the same of both. But it also answers
// questions about the namespace behind such a number (IFLA_TARGET_NETNSID, since 4.20), so the
// peer's link-layer address can be asked for, and with the own one tells which pair it is.
#include "sources/veth_peers.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <vector>

#include <fmt/format.h>

namespace sources {
namespace {

struct Query {
  ifinfomsg header{};
  rtattr attribute{};
  std::uint32_t value = 0;
};

Query query(std::uint32_t ifindex, unsigned short attribute, std::uint32_t value) {
  Query query{};
  query.header.ifi_index = static_cast<int>(ifindex);
  query.attribute = {.rta_len = RTA_LENGTH(sizeof(value)), .rta_type = attribute};
  query.value = value;
  return query;
}

base::Status ask(const Access& access, const Query& query, std::uint16_t flags,
                 std::vector<base::NetlinkMessage>& answers) {
  return access.netlink.request(
      NETLINK_ROUTE, RTM_GETLINK, flags, std::as_bytes(std::span(&query, 1)),
      [&](const base::NetlinkMessage& message) { answers.push_back(message); });
}

// A device that went away meanwhile has no peer any more; nothing is told of it.
void read(const Access& access, Look& look) {
  std::vector<base::NetlinkMessage> links;
  if (!ask(access, query(0, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS), NLM_F_DUMP, links)) return;
  for (const auto& link : links) {
    const auto end = parse_far_end(link);
    if (!end) continue;
    std::vector<base::NetlinkMessage> peers;
    const auto target = static_cast<std::uint32_t>(end->netns_id);
    if (!ask(access, query(end->peer_ifindex, IFLA_TARGET_NETNSID, target), 0, peers)) continue;
    for (const auto& peer : peers) {
      const auto address = link_layer_address(peer);
      if (address) look.veth_ends.push_back({access.netns, end->ifindex, end->address, *address});
    }
  }
}

}  // namespace

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
                           .read = read,
                           .answers = model::Question::Kind::kVethPeers};

}  // namespace sources
