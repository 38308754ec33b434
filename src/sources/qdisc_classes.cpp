// The classes of htb: their rates. The kernel lists classes device by device, so only devices with
// an htb are asked, and only when a diagnosis asks about queueing disciplines.

#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <array>
#include <string>

#include "sources/qdisc.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

constexpr auto kShapers = std::to_array<std::string_view>({"htb"});

void parse_class(const base::NetlinkMessage& message, const std::string& device,
                 const model::Inode& netns, Look& look) {
  const auto header = base::read_plain<tcmsg>(message.payload);
  if (message.type != RTM_NEWTCLASS || !header) return;
  const Bytes attributes = base::attributes_after(message.payload, sizeof(tcmsg));
  const auto kind = base::text_attribute(attributes, TCA_KIND);
  const auto options = base::attribute(attributes, TCA_OPTIONS);
  if (!kind || *kind != "htb" || !options) return;
  const auto parameters = base::plain_attribute<tc_htb_opt>(*options, TCA_HTB_PARMS);
  if (!parameters) return;
  const std::string labels = model::counter_id(
      "", {{"class", handle_text(header->tcm_handle)}, {"dev", device}, {"netns", netns}});
  const auto rate = base::plain_attribute<std::uint64_t>(*options, TCA_HTB_RATE64)
                        .value_or(parameters->rate.rate);
  const auto ceiling = base::plain_attribute<std::uint64_t>(*options, TCA_HTB_CEIL64)
                           .value_or(parameters->ceil.rate);
  look.settings["qdisc.class_rate_bytes_per_s" + labels] = std::to_string(rate);
  look.settings["qdisc.class_ceil_bytes_per_s" + labels] = std::to_string(ceiling);
}

// Not a blind spot where it fails: no stage is hidden, the report only knows fewer rates.
void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  const auto shaped = devices_with_qdisc(access, kShapers);
  if (!shaped) return;
  for (const auto& [ifindex, device] : *shaped) {
    const auto classes = dump_classes(access, ifindex);
    if (classes) parse_classes(*classes, device, access.netns, look);
  }
}

}  // namespace

void parse_classes(std::span<const base::NetlinkMessage> messages, const std::string& device,
                   const model::Inode& netns, Look& look) {
  for (const auto& message : messages) parse_class(message, device, netns, look);
}

extern const Source qdisc_classes;
const Source qdisc_classes = {.name = "qdisc_classes",
                              .scope = Scope::kNetns,
                              .cadence = Cadence::kWhenAsked,
                              .read = read,
                              .answers = model::Question::Kind::kWatchQdiscs};

}  // namespace sources
