// The neighbour tables, one dump per family, and how much each device lets wait for an address.
#include "sources/neighbours.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace sources {
namespace {

// A flat network of this size has other troubles; what is left out is said.
constexpr size_t kMostNeighbours = 20'000;

std::string state_name(int state) {
  switch (state) {
    case NUD_INCOMPLETE:
      return "incomplete";
    case NUD_REACHABLE:
      return "reachable";
    case NUD_STALE:
      return "stale";
    case NUD_DELAY:
      return "delay";
    case NUD_PROBE:
      return "probe";
    case NUD_FAILED:
      return "failed";
    case NUD_PERMANENT:
      return "permanent";
    case NUD_NONE:
      return "none";
    default:
      return fmt::format("{:#x}", state);
  }
}

std::string link_layer_text(std::span<const std::byte> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(byte));
  }
  return text;
}

std::optional<model::Neighbour> parse_neighbour(const base::NetlinkMessage& message,
                                                const model::Inode& netns) {
  const auto header = base::read_plain<ndmsg>(message.payload);
  if (message.type != RTM_NEWNEIGH || !header || (header->ndm_state & NUD_NOARP) != 0) return {};
  if (header->ndm_family != AF_INET && header->ndm_family != AF_INET6) return {};
  const auto attributes = base::attributes_after(message.payload, sizeof(ndmsg));
  const auto address = base::attribute(attributes, NDA_DST);
  const size_t length = header->ndm_family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
  if (!address || address->size() < length) return {};
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(header->ndm_family, address->data(), text, sizeof text);
  const auto link_layer = base::attribute(attributes, NDA_LLADDR);
  return model::Neighbour{.netns = netns,
                          .ifindex = static_cast<std::uint32_t>(header->ndm_ifindex),
                          .address = text,
                          .state = state_name(header->ndm_state),
                          .link_layer = link_layer ? link_layer_text(*link_layer) : ""};
}

void read_queue_limits(const Access& access, Look& look) {
  for (const std::string family : {"ipv4", "ipv6"}) {
    const auto folder = access.proc_sys + "/net/" + family + "/neigh";
    for (const auto& device : access.files.list(folder).value_or(std::vector<std::string>())) {
      const auto value = access.files.read(fmt::format("{}/{}/unres_qlen_bytes", folder, device));
      if (!value) continue;
      const auto name = fmt::format("sysctl.net.{}.neigh.unres_qlen_bytes", family);
      look.settings[model::counter_id(name, {{"dev", device}, {"netns", access.netns}})] =
          base::trim(*value);
    }
  }
}

base::Status read_tables(const Access& access, Look& look) {
  for (const int family : {AF_INET, AF_INET6}) {
    ndmsg wanted{};
    wanted.ndm_family = static_cast<unsigned char>(family);
    TRY(access.netlink.request(NETLINK_ROUTE, RTM_GETNEIGH, NLM_F_DUMP,
                               std::as_bytes(std::span(&wanted, 1)),
                               [&](const base::NetlinkMessage& message) {
                                 if (look.neighbours.size() > kMostNeighbours) return;
                                 parse_neighbours({&message, 1}, access.netns, look.neighbours);
                               }));
  }
  if (look.neighbours.size() <= kMostNeighbours) return {};
  look.neighbours.resize(kMostNeighbours);
  return base::failure(fmt::format("there are more than {}", kMostNeighbours));
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  read_queue_limits(access, look);
  const auto status = read_tables(access, look);
  if (!status) tell_blind(look, "neighbour tables", status.error(), {});
}

}  // namespace

void parse_neighbours(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                      std::vector<model::Neighbour>& neighbours) {
  for (const auto& message : messages) {
    if (auto found = parse_neighbour(message, netns)) neighbours.push_back(std::move(*found));
  }
}

extern const Source neighbours;
const Source neighbours = {.name = "neighbours",
                           .scope = Scope::kNetns,
                           .cadence = Cadence::kWhenAsked,
                           .read = read,
                           .answers = model::Question::Kind::kNeighbours};

}  // namespace sources
