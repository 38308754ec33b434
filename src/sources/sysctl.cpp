// Settings of which every namespace has its own. /proc/sys/net shows those of the reader's
// namespace, so the thread must stand in it: a process's /proc does not lead to them.
#include "sources/sysctl.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sources {
namespace {

constexpr auto kPerNamespace = std::to_array<std::string_view>({
    "net.core.somaxconn",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.icmp_ratelimit",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ipfrag_high_thresh",
    "net.ipv4.ipfrag_low_thresh",
    "net.ipv4.ipfrag_max_dist",
    "net.ipv4.ipfrag_time",
    "net.ipv4.tcp_abort_on_overflow",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.ip6frag_high_thresh",
    "net.ipv6.ip6frag_time",
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
