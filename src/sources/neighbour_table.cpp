#include "sources/neighbour_table.h"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sources/neighbours.h"

namespace sources {
namespace {

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  const auto messages = base::dump(access.netlink, NETLINK_ROUTE, RTM_GETNEIGH, ndmsg{});
  if (!messages) return tell_blind(look, "neighbours", messages.error(), {});
  count_neighbours(*messages, access, look);
}

}  // namespace

void count_neighbours(std::span<const base::NetlinkMessage> messages, const Access& access,
                      Look& look) {
  std::vector<model::Neighbour> neighbours;
  parse_neighbours(messages, access.netns, neighbours);
  for (const auto& neighbour : neighbours) {
    const auto device =
        std::ranges::find(access.devices, neighbour.ifindex, &model::Device::ifindex);
    if (device == access.devices.end()) continue;
    const bool six = neighbour.address.find(':') != std::string::npos;
    ++look.gauges[model::counter_id("neighbour.entries", {{"dev", device->name},
                                                          {"family", six ? "ip6" : "ip"},
                                                          {"netns", access.netns},
                                                          {"state", neighbour.state}})];
  }
}

extern const Source neighbour_table;
const Source neighbour_table = {.name = "neighbour_table",
                                .scope = Scope::kNetns,
                                .cadence = Cadence::kInventory,
                                .read = read};

}  // namespace sources
