// Two requests to ctnetlink. Asked only where connection tracking is in use: the kernel would load
// the module for it otherwise (nfnetlink_rcv_msg).
#include "sources/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include <array>
#include <string>
#include <vector>

namespace sources {
namespace {

// enum ctattr_stats_global, which is not in the headers of Debian 12.
constexpr int kEntries = 1;
constexpr int kMostEntries = 2;
// CTA_STATS_CHAIN_TOOLONG, since 5.16.
constexpr int kChainTooLong = CTA_STATS_CLASH_RESOLVE + 1;

struct Field {
  int attribute;
  std::string_view name;
};

constexpr auto kFields =
    std::to_array<Field>({{CTA_STATS_FOUND, "conntrack.found"},
                          {CTA_STATS_INVALID, "conntrack.invalid"},
                          {CTA_STATS_INSERT, "conntrack.insert"},
                          {CTA_STATS_INSERT_FAILED, "conntrack.insert_failed"},
                          {CTA_STATS_DROP, "conntrack.drop"},
                          {CTA_STATS_EARLY_DROP, "conntrack.early_drop"},
                          {CTA_STATS_ERROR, "conntrack.error"},
                          {CTA_STATS_SEARCH_RESTART, "conntrack.search_restart"},
                          {CTA_STATS_CLASH_RESOLVE, "conntrack.clash_resolve"},
                          {kChainTooLong, "conntrack.chaintoolong"}});

std::optional<std::uint32_t> number(std::span<const std::byte> attributes, int type) {
  const auto value = base::plain_attribute<std::uint32_t>(attributes, type);
  return value ? std::optional(ntohl(*value)) : std::nullopt;
}

constexpr std::uint16_t message_type(int message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | message);
}

base::Status read_all(const Access& access, Look& look) {
  const nfgenmsg header{.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = 0};
  const auto cpus = TRY(base::dump(access.netlink, NETLINK_NETFILTER,
                                   message_type(IPCTNL_MSG_CT_GET_STATS_CPU), header));
  parse_conntrack_cpus(cpus, access.netns, look);
  return access.netlink.request(NETLINK_NETFILTER, message_type(IPCTNL_MSG_CT_GET_STATS), 0,
                                std::as_bytes(std::span(&header, 1)),
                                [&](const base::NetlinkMessage& message) {
                                  parse_conntrack_table({&message, 1}, access.netns, look);
                                });
}

bool is_in_use(const Access& access) {
  if (!access.files.read(access.proc_sys + "/net/netfilter/nf_conntrack_count")) return false;
  const auto modules = access.files.read("/proc/modules");
  const bool tracks_by_module = modules && modules->find("nf_conntrack ") != std::string::npos;
  return !tracks_by_module || modules->find("nf_conntrack_netlink ") != std::string::npos;
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink || !is_in_use(access)) return;
  const auto status = read_all(access, look);
  if (status) return;
  auto error = status.error();
  // Built without ctnetlink: /proc/net/stat tells the same.
  if (error.number == EINVAL || error.number == EPROTONOSUPPORT) return;
  if (base::is_refusal(error)) error.hint = "CAP_NET_ADMIN";
  tell_blind(look, "what connection tracking counts on each CPU", error, {});
}

}  // namespace

void parse_conntrack_cpus(std::span<const base::NetlinkMessage> messages, const model::Inode& netns,
                          Look& look) {
  for (const auto& message : messages) {
    const auto header = base::read_plain<nfgenmsg>(message.payload);
    if (!header) continue;
    const auto attributes = base::attributes_after(message.payload, sizeof(nfgenmsg));
    const auto cpu = std::to_string(ntohs(header->res_id));
    for (const auto& [type, name] : kFields) {
      const auto value = number(attributes, type);
      if (value) look.counters[model::counter_id(name, {{"cpu", cpu}, {"netns", netns}})] = *value;
    }
  }
}

void parse_conntrack_table(std::span<const base::NetlinkMessage> messages,
                           const model::Inode& netns, Look& look) {
  const auto labels = model::counter_id("", {{"netns", netns}});
  for (const auto& message : messages) {
    const auto attributes = base::attributes_after(message.payload, sizeof(nfgenmsg));
    if (const auto entries = number(attributes, kEntries)) {
      look.gauges["conntrack.entries" + labels] = *entries;
    }
    if (const auto most = number(attributes, kMostEntries)) {
      look.settings["conntrack.max_entries" + labels] = std::to_string(*most);
    }
  }
}

extern const Source conntrack;
const Source conntrack = {
    .name = "conntrack", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
