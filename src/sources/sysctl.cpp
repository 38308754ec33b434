// Settings of which every namespace has its own. /proc/sys/net shows those of the reader's
// namespace, so the thread must stand in it: a process's /proc does not lead to them.
#include "sources/sysctl.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sources {
namespace {

constexpr auto kPerNamespace = std::to_array<std::string_view>({
    "net.core.optmem_max",
    "net.core.somaxconn",
    "net.ipv4.conf.all.accept_local",
    "net.ipv4.conf.all.arp_filter",
    "net.ipv4.conf.all.arp_ignore",
    "net.ipv4.conf.all.route_localnet",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.icmp_echo_ignore_all",
    "net.ipv4.icmp_msgs_per_sec",
    "net.ipv4.icmp_ratelimit",
    "net.ipv4.icmp_ratemask",
    "net.ipv4.ip_early_demux",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ipfrag_high_thresh",
    "net.ipv4.ipfrag_low_thresh",
    "net.ipv4.ipfrag_max_dist",
    "net.ipv4.ipfrag_time",
    "net.ipv4.tcp_abort_on_overflow",
    "net.ipv4.tcp_challenge_ack_limit",
    "net.ipv4.tcp_congestion_control",
    "net.ipv4.tcp_ecn",
    "net.ipv4.tcp_fastopen",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_invalid_ratelimit",
    "net.ipv4.tcp_limit_output_bytes",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_min_snd_mss",
    "net.ipv4.tcp_moderate_rcvbuf",
    "net.ipv4.tcp_mtu_probing",
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_retries2",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_sack",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_syn_retries",
    "net.ipv4.tcp_synack_retries",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.tcp_window_scaling",
    "net.ipv4.tcp_wmem",
    "net.ipv4.udp_rmem_min",
    "net.ipv4.udp_wmem_min",
    "net.ipv6.conf.all.accept_ra",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.icmp.ratelimit",
    "net.ipv6.ip6frag_high_thresh",
    "net.ipv6.ip6frag_time",
    "net.ipv6.route.max_size",
    "net.netfilter.nf_conntrack_tcp_be_liberal",
    "net.netfilter.nf_conntrack_tcp_loose",
    "net.netfilter.nf_conntrack_tcp_timeout_established",
    "net.netfilter.nf_conntrack_udp_timeout",
});

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) {
    return tell_blind(look, "settings of other network namespaces",
                      {"no right to enter the network namespace", "CAP_SYS_ADMIN"}, {});
  }
  read_settings(access, kPerNamespace, netns_labels(access), look);
}

}  // namespace

void read_settings(const Access& access, std::span<const std::string_view> names,
                   std::string_view labels, Look& look) {
  for (const std::string_view name : names) {
    std::string path = access.proc_sys + '/' + std::string(name);
    std::ranges::replace(path.begin() + static_cast<std::ptrdiff_t>(access.proc_sys.size()),
                         path.end(), '.', '/');
    // What this kernel lacks, or shows only to the initial namespace, is not a setting here.
    const auto content = access.files.read(path);
    if (!content) continue;
    std::string id = "sysctl.";
    id.append(name).append(labels);
    look.settings[std::move(id)] = setting_text(*content);
  }
}

std::string setting_text(std::string_view content) {
  std::string text;
  for (const std::string_view line : base::lines(content)) {
    for (const std::string_view word : base::words(line)) {
      if (!text.empty()) text += ' ';
      text += word;
    }
  }
  return text;
}

extern const Source sysctl;
const Source sysctl = {
    .name = "sysctl", .scope = Scope::kNetns, .cadence = Cadence::kSettings, .read = read};

}  // namespace sources
