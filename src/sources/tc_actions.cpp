// Filters hang on both sides of a clsact, on an ingress qdisc, and on qdiscs with classes; a dump
// lists those of one place.
#include "sources/tc_actions.h"

#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/netlink.h"
#include "sources/path_programs.h"
#include "sources/qdisc.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;

// The attribute that holds the actions of a filter, by its kind.
constexpr auto kActions = std::to_array<std::pair<std::string_view, int>>({
    {"basic", TCA_BASIC_ACT},
    {"bpf", TCA_BPF_ACT},
    {"flower", TCA_FLOWER_ACT},
    {"fw", TCA_FW_ACT},
    {"matchall", TCA_MATCHALL_ACT},
    {"u32", TCA_U32_ACT},
});

using Messages = std::vector<base::NetlinkMessage>;

// Both sides of clsact, ingress, and every other qdisc that may have filters of its own.
std::vector<FilterHook> places_of(const Messages& qdiscs, std::vector<std::string>& names) {
  constexpr auto kClassful = std::to_array<std::string_view>(
      {"cbq", "drr", "dsmark", "ets", "hfsc", "htb", "multiq", "prio", "qfq", "sfq"});
  auto hooks = parse_hooks(qdiscs);
  for (const auto& hook : hooks) names.emplace_back(hook.hook);
  for (const auto& message : qdiscs) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    if (message.type != RTM_NEWQDISC || !header || header->tcm_handle == 0) continue;
    const auto kind =
        base::text_attribute(base::attributes_after(message.payload, sizeof(tcmsg)), TCA_KIND);
    if (!kind || std::ranges::find(kClassful, *kind) == kClassful.end()) continue;
    hooks.push_back({static_cast<std::uint32_t>(header->tcm_ifindex), header->tcm_handle, ""});
    names.push_back(handle_text(header->tcm_handle));
  }
  return hooks;
}

base::Status read_all(const Access& access, Look& look) {
  const auto qdiscs = TRY(base::dump(access.netlink, NETLINK_ROUTE, RTM_GETQDISC, tcmsg{}));
  std::vector<std::string> names;
  const auto hooks = places_of(qdiscs, names);
  for (std::size_t at = 0; at < hooks.size(); ++at) {
    const auto device =
        std::ranges::find(access.devices, hooks[at].ifindex, &model::Device::ifindex);
    if (device == access.devices.end()) continue;
    tcmsg request{};
    request.tcm_ifindex = static_cast<int>(hooks[at].ifindex);
    request.tcm_parent = hooks[at].parent;
    const auto filters = TRY(base::dump(access.netlink, NETLINK_ROUTE, RTM_GETTFILTER, request));
    parse_action_counters(filters, {device->name, names[at]}, access.netns, look);
  }
  return {};
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) return;
  const auto status = read_all(access, look);
  if (!status) tell_blind(look, "the counters of tc filters' actions", status.error(), {});
}

}  // namespace

void parse_action_counters(std::span<const base::NetlinkMessage> messages, const FilterPlace& place,
                           const model::Inode& netns, Look& look) {
  for (const auto& message : messages) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    if (message.type != RTM_NEWTFILTER || !header || header->tcm_handle == 0) continue;
    const auto attributes = base::attributes_after(message.payload, sizeof(tcmsg));
    const auto kind = base::text_attribute(attributes, TCA_KIND);
    const auto options = base::attribute(attributes, TCA_OPTIONS);
    if (!kind || !options) continue;
    const auto filter = fmt::format("pref {} {} handle {}", header->tcm_info >> 16, *kind,
                                    filter_handle_text(*kind, header->tcm_handle));
    for_each_action(*kind, *options, [&](int number, Bytes action) {
      const auto labels =
          model::counter_id("", {{"action", fmt::format("{} {}", number, action_text(action))},
                                 {"dev", place.device},
                                 {"filter", filter},
                                 {"hook", place.hook},
                                 {"netns", netns}});
      const auto statistics = base::attribute(action, TCA_ACT_STATS);
      if (statistics) tell_queue_statistics("tc_action", *statistics, labels, look);
    });
  }
}

void for_each_action(std::string_view kind, Bytes options,
                     const std::function<void(int, Bytes)>& take) {
  const auto* row = std::ranges::find(kActions, kind, &std::pair<std::string_view, int>::first);
  if (row == kActions.end()) return;
  const auto actions = base::attribute(options, row->second);
  if (!actions) return;
  for (int number = 1; number <= TCA_ACT_MAX_PRIO; ++number) {
    const auto action = base::attribute(*actions, number);
    if (!action) break;
    take(number, *action);
  }
}

std::string action_text(Bytes action) {
  const auto kind = base::text_attribute(action, TCA_ACT_KIND).value_or("");
  if (kind != "gact") return kind;
  const auto options = base::attribute(action, TCA_ACT_OPTIONS);
  const auto verdict =
      options ? base::plain_attribute<tc_gact>(*options, TCA_GACT_PARMS) : std::optional<tc_gact>{};
  if (!verdict) return kind;
  switch (verdict->action) {
    case TC_ACT_SHOT:
      return "drop";
    case TC_ACT_OK:
      return "pass";
    default:
      return kind;
  }
}

std::string filter_handle_text(std::string_view kind, std::uint32_t handle) {
  if (kind != "u32") return fmt::format("{:#x}", handle);
  const auto bucket = TC_U32_HASH(handle);
  return fmt::format("{:x}:{}:{:x}", TC_U32_USERHTID(handle),
                     bucket == 0 ? "" : fmt::format("{:x}", bucket), TC_U32_NODE(handle));
}

extern const Source tc_actions;
const Source tc_actions = {
    .name = "tc_actions", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
