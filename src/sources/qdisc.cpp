// One rtnetlink dump. Drops, overlimits and requeues are 32 bits wide in the kernel and wrap
// (struct gnet_stats_queue); a qdisc that is replaced starts again from 0 under a new handle.
#include "sources/qdisc.h"

#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <vector>

#include "base/text.h"
#include "sources/link.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;
using Names = std::map<std::uint32_t, std::string>;

std::string labels_of(const tcmsg& header, const std::string& device, const std::string& kind,
                      const model::Inode& netns) {
  const std::string handle = handle_text(header.tcm_handle);
  const bool top = header.tcm_parent == TC_H_ROOT || header.tcm_parent == TC_H_INGRESS ||
                   header.tcm_parent == TC_H_UNSPEC;
  if (top) {
    return model::counter_id(
        "", {{"dev", device}, {"handle", handle}, {"kind", kind}, {"netns", netns}});
  }
  return model::counter_id("", {{"dev", device},
                                {"handle", handle},
                                {"kind", kind},
                                {"netns", netns},
                                {"parent", handle_text(header.tcm_parent)}});
}

void set_number(Look& look, std::string_view name, const std::string& labels, std::uint64_t value) {
  look.settings[std::string(name) + labels] = std::to_string(value);
}

// The kernel tells the bucket as the time that it takes to send it, in ticks of 64 ns
// (include/net/pkt_sched.h: PSCHED_SHIFT).
std::uint64_t bucket_bytes(std::uint32_t ticks, std::uint64_t bytes_per_s) {
  constexpr double kTickSeconds = 64e-9;
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(ticks) * kTickSeconds * static_cast<double>(bytes_per_s)));
}

void tell_tbf(Bytes options, const std::string& labels, Look& look) {
  const auto parameters = base::plain_attribute<tc_tbf_qopt>(options, TCA_TBF_PARMS);
  if (!parameters) return;
  // A rate of 4 GiB/s and more stands in an attribute of its own.
  const auto rate =
      base::plain_attribute<std::uint64_t>(options, TCA_TBF_RATE64).value_or(parameters->rate.rate);
  set_number(look, "qdisc.limit_bytes", labels, parameters->limit);
  set_number(look, "qdisc.rate_bytes_per_s", labels, rate);
  set_number(look, "qdisc.burst_bytes", labels, bucket_bytes(parameters->buffer, rate));
  if (parameters->peakrate.rate > 0) {
    set_number(look, "qdisc.peak_bytes_per_s", labels, parameters->peakrate.rate);
  }
}

// A number in the options of a kind: an attribute, or a struct that is all of the options.
struct Option {
  std::string_view kind;
  std::optional<int> attribute;
  std::size_t offset = 0;
  std::string_view setting;
};

// The kinds whose options were captured; of others nothing is told.
constexpr auto kOptions = std::to_array<Option>({
    {"bfifo", {}, offsetof(tc_fifo_qopt, limit), "qdisc.limit_bytes"},
    {"cake", TCA_CAKE_MEMORY, 0, "qdisc.memory_limit_bytes"},
    {"codel", TCA_CODEL_LIMIT, 0, "qdisc.limit_packets"},
    {"fq", TCA_FQ_PLIMIT, 0, "qdisc.limit_packets"},
    {"fq", TCA_FQ_FLOW_PLIMIT, 0, "qdisc.flow_limit_packets"},
    {"fq_codel", TCA_FQ_CODEL_LIMIT, 0, "qdisc.limit_packets"},
    {"fq_codel", TCA_FQ_CODEL_MEMORY_LIMIT, 0, "qdisc.memory_limit_bytes"},
    {"htb", TCA_HTB_DIRECT_QLEN, 0, "qdisc.direct_limit_packets"},
    {"htb", TCA_HTB_INIT, offsetof(tc_htb_glob, defcls), "qdisc.default_class"},
    {"netem", {}, offsetof(tc_netem_qopt, limit), "qdisc.limit_packets"},
    {"pfifo", {}, offsetof(tc_fifo_qopt, limit), "qdisc.limit_packets"},
    {"pfifo_head_drop", {}, offsetof(tc_fifo_qopt, limit), "qdisc.limit_packets"},
    {"pie", TCA_PIE_LIMIT, 0, "qdisc.limit_packets"},
    {"red", TCA_RED_PARMS, offsetof(tc_red_qopt, limit), "qdisc.limit_bytes"},
    {"sfq", {}, offsetof(tc_sfq_qopt, limit), "qdisc.limit_packets"},
});

void tell_options(std::string_view kind, Bytes options, const std::string& labels, Look& look) {
  if (kind == "tbf") tell_tbf(options, labels, look);
  if (kind == "cake") {
    const auto rate = base::plain_attribute<std::uint64_t>(options, TCA_CAKE_BASE_RATE64);
    if (rate && *rate > 0) set_number(look, "qdisc.rate_bytes_per_s", labels, *rate);
  }
  for (const auto& option : kOptions) {
    if (option.kind != kind) continue;
    const auto holder =
        option.attribute ? base::attribute(options, *option.attribute) : std::optional(options);
    if (!holder || holder->size() < option.offset) continue;
    const auto value = base::read_plain<std::uint32_t>(holder->subspan(option.offset));
    if (value) set_number(look, option.setting, labels, *value);
  }
}

void parse_qdisc(const base::NetlinkMessage& message, const model::Inode& netns, const Names& names,
                 Look& look) {
  const auto header = base::read_plain<tcmsg>(message.payload);
  if (message.type != RTM_NEWQDISC || !header) return;
  const auto device = names.find(static_cast<std::uint32_t>(header->tcm_ifindex));
  if (device == names.end()) return;
  const Bytes attributes = base::attributes_after(message.payload, sizeof(tcmsg));
  const auto kind = base::text_attribute(attributes, TCA_KIND);
  const auto statistics = base::attribute(attributes, TCA_STATS2);
  if (!kind || !statistics) return;
  const std::string labels = labels_of(*header, device->second, *kind, netns);
  tell_queue_statistics("qdisc", *statistics, labels, look);
  const auto options = base::attribute(attributes, TCA_OPTIONS);
  if (options) tell_options(*kind, *options, labels, look);
}

base::Status dump_qdiscs(const Access& access, Look& look) {
  const Names names = TRY(device_names(access));
  const auto messages = TRY(base::dump(access.netlink, NETLINK_ROUTE, RTM_GETQDISC, tcmsg{}));
  parse_qdiscs(messages, access.netns, names, look);
  return {};
}

}  // namespace

base::Result<std::map<std::uint32_t, std::string>> device_names(const Access& access) {
  std::map<std::uint32_t, std::string> names;
  for (const auto& device : access.devices) names[device.ifindex] = device.name;
  if (!names.empty()) return names;
  return names_of_devices(TRY(dump_devices(access)));
}

base::Result<std::map<std::uint32_t, std::string>> devices_with_qdisc(
    const Access& access, std::span<const std::string_view> kinds) {
  const auto names = TRY(device_names(access));
  std::map<std::uint32_t, std::string> found;
  for (const auto& message :
       TRY(base::dump(access.netlink, NETLINK_ROUTE, RTM_GETQDISC, tcmsg{}))) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    const auto kind =
        base::text_attribute(base::attributes_after(message.payload, sizeof(tcmsg)), TCA_KIND);
    if (!header || !kind || std::ranges::find(kinds, *kind) == kinds.end()) continue;
    const auto device = names.find(static_cast<std::uint32_t>(header->tcm_ifindex));
    if (device != names.end()) found.insert(*device);
  }
  return found;
}

base::Result<std::vector<base::NetlinkMessage>> dump_classes(const Access& access,
                                                             std::uint32_t ifindex) {
  tcmsg of_device{};
  of_device.tcm_ifindex = static_cast<int>(ifindex);
  return base::dump(access.netlink, NETLINK_ROUTE, RTM_GETTCLASS, of_device);
}

void read_qdiscs(const Access& access, Look& look) {
  const auto status =
      access.can_use_netlink
          ? dump_qdiscs(access, look)
          : base::failure("no right to enter the network namespace", "CAP_SYS_ADMIN");
  if (!status) tell_blind(look, "queueing disciplines", status.error(), {model::Stage::kQdisc});
}

void parse_qdiscs(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                  const Names& names, Look& look) {
  for (const auto& message : messages) parse_qdisc(message, netns, names, look);
}

void tell_queue_statistics(std::string_view source, Bytes statistics, std::string_view labels,
                           Look& look) {
  const auto id = [&](std::string_view name) {
    return std::string(source).append(1, '.').append(name).append(labels);
  };
  // The 32-bit count of packets in TCA_STATS_BASIC is followed by a wide one where it can overflow.
  const auto wide = base::plain_attribute<std::uint64_t>(statistics, TCA_STATS_PKT64);
  const auto bytes = base::plain_attribute<std::uint64_t>(statistics, TCA_STATS_BASIC);
  if (const auto basic = base::attribute(statistics, TCA_STATS_BASIC); basic && bytes) {
    look.counters[id("bytes")] = *bytes;
    const auto narrow = base::read_plain<std::uint32_t>(basic->subspan(sizeof(std::uint64_t)));
    if (wide || narrow) look.counters[id("packets")] = wide ? *wide : *narrow;
  }
  const auto queue = base::plain_attribute<gnet_stats_queue>(statistics, TCA_STATS_QUEUE);
  if (!queue) return;
  look.counters[id("drops")] = queue->drops;
  look.counters[id("requeues")] = queue->requeues;
  look.counters[id("overlimits")] = queue->overlimits;
  look.gauges[id("qlen")] = queue->qlen;
  look.gauges[id("backlog")] = queue->backlog;
}

std::string handle_text(std::uint32_t handle) {
  char text[16];
  const unsigned major = TC_H_MAJ(handle) >> 16;
  const unsigned minor = TC_H_MIN(handle);
  if (minor == 0) {
    std::snprintf(text, sizeof text, "%x:", major);
  } else if (major == 0) {
    std::snprintf(text, sizeof text, ":%x", minor);
  } else {
    std::snprintf(text, sizeof text, "%x:%x", major, minor);
  }
  return text;
}

extern const Source qdisc;
const Source qdisc = {
    .name = "qdisc", .scope = Scope::kNetns, .cadence = Cadence::kBothEnds, .read = read_qdiscs};

}  // namespace sources
