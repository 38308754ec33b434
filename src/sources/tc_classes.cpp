// The kernel lists classes device by device. Of the qdiscs that have classes only those are asked
// whose classes somebody made; those of fq_codel and sfq are flows of the moment.
#include "sources/tc_classes.h"

#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "sources/qdisc.h"

namespace sources {
namespace {

constexpr auto kMadeByHand = std::to_array<std::string_view>(
    {"cbq", "drr", "ets", "hfsc", "htb", "mq", "mqprio", "multiq", "prio", "qfq"});

base::Result<std::vector<base::NetlinkMessage>> dump(const Access& access, std::uint16_t type,
                                                     std::uint32_t ifindex) {
  tcmsg request{};
  request.tcm_ifindex = static_cast<int>(ifindex);
  std::vector<base::NetlinkMessage> messages;
  TRY(access.netlink.request(
      NETLINK_ROUTE, type, NLM_F_DUMP, std::as_bytes(std::span(&request, 1)),
      [&](const base::NetlinkMessage& message) { messages.push_back(message); }));
  return messages;
}

base::Status read_all(const Access& access, Look& look) {
  std::set<std::uint32_t> with_classes;
  for (const auto& message : TRY(dump(access, RTM_GETQDISC, 0))) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    const auto kind =
        base::text_attribute(base::attributes_after(message.payload, sizeof(tcmsg)), TCA_KIND);
    if (!header || !kind) continue;
    if (std::ranges::find(kMadeByHand, *kind) == kMadeByHand.end()) continue;
    with_classes.insert(static_cast<std::uint32_t>(header->tcm_ifindex));
  }
  for (const auto& device : access.devices) {
    if (!with_classes.contains(device.ifindex)) continue;
    const auto classes = TRY(dump(access, RTM_GETTCLASS, device.ifindex));
    parse_class_counters(classes, device.name, access.netns, look);
  }
  return {};
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  const auto status = read_all(access, look);
  if (!status) tell_blind(look, "the classes of queueing disciplines", status.error(), {});
}

}  // namespace

void parse_class_counters(std::span<const base::NetlinkMessage> messages, const std::string& device,
                          const model::Inode& netns, Look& look) {
  for (const auto& message : messages) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    if (message.type != RTM_NEWTCLASS || !header) continue;
    const auto attributes = base::attributes_after(message.payload, sizeof(tcmsg));
    const auto kind = base::text_attribute(attributes, TCA_KIND);
    const auto statistics = base::attribute(attributes, TCA_STATS2);
    if (!kind || !statistics) continue;
    const auto labels = model::counter_id("", {{"class", handle_text(header->tcm_handle)},
                                               {"dev", device},
                                               {"kind", *kind},
                                               {"netns", netns}});
    tell_queue_statistics("class", *statistics, labels, look);
  }
}

extern const Source tc_classes;
const Source tc_classes = {
    .name = "tc_classes", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
