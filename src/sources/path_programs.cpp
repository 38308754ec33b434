// XDP programs stand in the list of devices, tc filters in a dump for each side of each device that
// has a qdisc for them, tcx programs in neither: the bpf system call lists them. All three name a
// program by its id; its name and tag are asked for.
#include "sources/path_programs.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sources/tc_actions.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;
using Messages = std::span<const base::NetlinkMessage>;
using model::PathProgram;

constexpr std::uint32_t kIngress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
constexpr std::uint32_t kEgress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);

std::string hexadecimal(Bytes bytes) {
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::string actions_text(std::string_view kind, Bytes options) {
  std::string text;
  for_each_action(kind, options,
                  [&](int, Bytes action) { text += " action " + action_text(action); });
  return text;
}

std::optional<PathProgram> parse_filter(const base::NetlinkMessage& message, const FilterHook& hook,
                                        const model::Inode& netns) {
  const auto header = base::read_plain<tcmsg>(message.payload);
  if (message.type != RTM_NEWTFILTER || !header || header->tcm_handle == 0) return {};
  const Bytes attributes = base::attributes_after(message.payload, sizeof(tcmsg));
  const auto kind = base::text_attribute(attributes, TCA_KIND);
  const auto options = base::attribute(attributes, TCA_OPTIONS);
  if (!kind || !options) return {};
  if (*kind == "u32" && TC_U32_NODE(header->tcm_handle) == 0) return {};
  PathProgram filter{.netns = netns,
                     .ifindex = hook.ifindex,
                     .hook = std::string(hook.hook),
                     .kind = *kind,
                     .attachment = fmt::format("pref {} handle {}{}", header->tcm_info >> 16,
                                               filter_handle_text(*kind, header->tcm_handle),
                                               actions_text(*kind, *options))};
  if (*kind != "bpf") return filter;
  // The name is whatever was said when it was attached; the program's own is asked for later.
  filter.name = base::text_attribute(*options, TCA_BPF_NAME).value_or("");
  filter.id = base::plain_attribute<std::uint32_t>(*options, TCA_BPF_ID).value_or(0);
  filter.tag = hexadecimal(base::attribute(*options, TCA_BPF_TAG).value_or(Bytes{}));
  return filter;
}

base::Result<std::vector<PathProgram>> read_filters(const Access& access) {
  const auto qdiscs = TRY(base::dump(access.netlink, NETLINK_ROUTE, RTM_GETQDISC, tcmsg{}));
  std::vector<PathProgram> found;
  for (const auto& hook : parse_hooks(qdiscs)) {
    tcmsg request{};
    request.tcm_ifindex = static_cast<int>(hook.ifindex);
    request.tcm_parent = hook.parent;
    const auto filters = TRY(base::dump(access.netlink, NETLINK_ROUTE, RTM_GETTFILTER, request));
    for (auto& filter : parse_filters(filters, hook, access.netns)) {
      found.push_back(std::move(filter));
    }
  }
  return found;
}

base::Result<std::vector<PathProgram>> read_tcx(const Access& access, const BpfQuestions& bpf,
                                                std::uint32_t ifindex) {
  constexpr auto kSides = std::to_array<std::pair<host::TcxHook, std::string_view>>(
      {{host::TcxHook::kIngress, "tc-ingress"}, {host::TcxHook::kEgress, "tc-egress"}});
  std::vector<PathProgram> found;
  for (const auto& [side, hook] : kSides) {
    const auto ids = TRY(bpf.tcx(ifindex, side));
    for (std::size_t at = 0; at < ids.size(); ++at) {
      found.push_back({.netns = access.netns,
                       .ifindex = ifindex,
                       .hook = std::string(hook),
                       .kind = "bpf",
                       .id = ids[at],
                       .attachment = fmt::format("tcx {} of {}", at + 1, ids.size())});
    }
  }
  return found;
}

std::vector<std::uint32_t> devices_of(Messages links) {
  std::vector<std::uint32_t> devices;
  for (const auto& message : links) {
    const auto header = base::read_plain<ifinfomsg>(message.payload);
    if (message.type != RTM_NEWLINK || !header || header->ifi_index <= 0) continue;
    devices.push_back(static_cast<std::uint32_t>(header->ifi_index));
  }
  return devices;
}

// A refusal is told once: it will be the same for all.
void name_programs(const BpfQuestions& bpf, Look& look) {
  bool refused = false;
  for (auto& program : look.path_programs) {
    if (program.id == 0 || refused) continue;
    const auto found = bpf.program(program.id);
    if (found) {
      program.tag = found->tag;
      if (!found->name.empty()) program.name = found->name;
    } else if (base::is_refusal(found.error())) {
      refused = true;
      tell_blind(look, "the names of BPF programs", found.error(), {});
    }
  }
}

void read(const Access& access, Look& look) {
  read_path_programs(access, {.program = host::read_bpf_program, .tcx = host::read_tcx}, look);
}

}  // namespace

std::vector<PathProgram> parse_xdp(Messages links, const model::Inode& netns) {
  // XDP_ATTACHED_MULTI has an id for each mode instead of the one (net/core/rtnetlink.c:
  // rtnl_xdp_fill).
  constexpr auto kModes =
      std::to_array<std::pair<int, std::string_view>>({{IFLA_XDP_SKB_PROG_ID, "xdp-generic"},
                                                       {IFLA_XDP_DRV_PROG_ID, "xdp-native"},
                                                       {IFLA_XDP_HW_PROG_ID, "xdp-offload"}});
  std::vector<PathProgram> found;
  for (const auto& message : links) {
    const auto header = base::read_plain<ifinfomsg>(message.payload);
    if (message.type != RTM_NEWLINK || !header) continue;
    const auto xdp =
        base::attribute(base::attributes_after(message.payload, sizeof(ifinfomsg)), IFLA_XDP);
    for (const auto& [type, hook] : kModes) {
      const auto id = xdp ? base::plain_attribute<std::uint32_t>(*xdp, type) : std::nullopt;
      if (!id || *id == 0) continue;
      found.push_back({.netns = netns,
                       .ifindex = static_cast<std::uint32_t>(header->ifi_index),
                       .hook = std::string(hook),
                       .kind = "bpf",
                       .id = *id});
    }
  }
  return found;
}

std::vector<FilterHook> parse_hooks(Messages qdiscs) {
  std::vector<FilterHook> hooks;
  for (const auto& message : qdiscs) {
    const auto header = base::read_plain<tcmsg>(message.payload);
    if (message.type != RTM_NEWQDISC || !header) continue;
    const auto kind =
        base::text_attribute(base::attributes_after(message.payload, sizeof(tcmsg)), TCA_KIND);
    const auto ifindex = static_cast<std::uint32_t>(header->tcm_ifindex);
    if (kind == "clsact" || kind == "ingress") hooks.push_back({ifindex, kIngress, "tc-ingress"});
    if (kind == "clsact") hooks.push_back({ifindex, kEgress, "tc-egress"});
  }
  return hooks;
}

std::vector<PathProgram> parse_filters(Messages filters, const FilterHook& hook,
                                       const model::Inode& netns) {
  std::vector<PathProgram> found;
  for (const auto& message : filters) {
    if (auto filter = parse_filter(message, hook, netns)) found.push_back(std::move(*filter));
  }
  return found;
}

void read_path_programs(const Access& access, const BpfQuestions& bpf, Look& look) {
  const auto add = [&](std::vector<PathProgram> more) {
    std::ranges::move(more, std::back_inserter(look.path_programs));
  };
  const auto links = base::dump(access.netlink, NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{});
  if (!links) return tell_blind(look, "XDP programs and tc filters", links.error(), {});
  add(parse_xdp(*links, access.netns));
  auto filters = read_filters(access);
  if (filters) {
    add(std::move(*filters));
  } else {
    tell_blind(look, "tc filters", filters.error(), {});
  }
  for (const auto ifindex : devices_of(*links)) {
    auto programs = read_tcx(access, bpf, ifindex);
    if (!programs) {
      tell_blind(look, "tcx programs", programs.error(), {});
      break;
    }
    add(std::move(*programs));
  }
  name_programs(bpf, look);
}

extern const Source path_programs;
const Source path_programs = {.name = "path_programs",
                              .scope = Scope::kNetns,
                              .cadence = Cadence::kWhenAsked,
                              .read = read,
                              .answers = model::Question::Kind::kPathPrograms};

}  // namespace sources
