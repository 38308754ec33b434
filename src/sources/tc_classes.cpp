// The kernel lists classes device by device. Of the qdiscs that have classes only those are asked
// whose classes somebody made; those of fq_codel and sfq are flows of the moment.
#include "sources/tc_classes.h"

#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>

#include "sources/qdisc.h"

namespace sources {
namespace {

constexpr auto kMadeByHand = std::to_array<std::string_view>(
    {"cbq", "drr", "ets", "hfsc", "htb", "mq", "mqprio", "multiq", "prio", "qfq"});

base::Status read_all(const Access& access, Look& look) {
  for (const auto& [ifindex, device] : TRY(devices_with_qdisc(access, kMadeByHand))) {
    parse_class_counters(TRY(dump_classes(access, ifindex)), device, access.netns, look);
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
