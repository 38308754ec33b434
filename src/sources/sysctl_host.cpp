// Settings that hold for the whole host. Child namespaces see them read-only or not at all, so they
// are read where whydrop was started.
#include <array>

#include "sources/sysctl.h"

namespace sources {
namespace {

constexpr auto kHostWide = std::to_array<std::string_view>({
    "net.core.default_qdisc",
    "net.core.dev_weight",
    "net.core.flow_limit_cpu_bitmap",
    "net.core.flow_limit_table_len",
    "net.core.netdev_budget",
    "net.core.netdev_budget_usecs",
    "net.core.netdev_max_backlog",
    "net.core.rmem_default",
    "net.core.rmem_max",
    "net.core.rps_sock_flow_entries",
    "net.core.wmem_default",
    "net.core.wmem_max",
    "net.ipv4.neigh.default.gc_thresh1",
    "net.ipv4.neigh.default.gc_thresh2",
    "net.ipv4.neigh.default.gc_thresh3",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_mem",
    "net.ipv4.udp_mem",
    "net.ipv6.neigh.default.gc_thresh1",
    "net.ipv6.neigh.default.gc_thresh2",
    "net.ipv6.neigh.default.gc_thresh3",
    "net.netfilter.nf_conntrack_buckets",
    "net.netfilter.nf_conntrack_max",
});

void read(const Access& access, Look& look) {
  read_settings(access, kHostWide, "{shared=\"host\"}", look);
  if (look.settings.contains("sysctl.net.core.rmem_max{shared=\"host\"}")) return;
  tell_blind(look, "settings of the whole host",
             {"net.core.rmem_max cannot be read in this network namespace",
              "run whydrop in the initial network namespace"},
             {});
}

}  // namespace

extern const Source sysctl_host;
const Source sysctl_host = {
    .name = "sysctl_host", .scope = Scope::kHost, .cadence = Cadence::kSettings, .read = read};

}  // namespace sources
