#include "cli/rights.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace cli {
namespace {

using model::Check;
using model::CheckState;

struct Right {
  std::string_view name;
  std::string_view unlocks;
  std::vector<std::string_view> checks;  // where it shows whether it is needed
};

std::vector<Right> useful_rights() {
  return {{"CAP_BPF", "loading of the drops probe", {"tracing.drops"}},
          {"CAP_PERFMON", "its place on kfree_skb", {"tracing.drops"}},
          {"CAP_SYSLOG",
           "messages of the kernel; names of functions where the drops probe cannot be loaded",
           {"tracing.symbols", "sources.kmsg"}},
          {"CAP_NET_ADMIN",
           "rules of nftables and iptables, tcx programs",
           {"sources.nftables", "sources.iptables", "sources.path_programs"}},
          {"CAP_SYS_ADMIN",
           "the way into other network namespaces, CPUs of receive queues",
           {"namespaces.entered", "sources.receive_queues"}},
          {"CAP_SYS_PTRACE",
           "namespaces and sockets of other users' processes",
           {"namespaces.listed", "namespaces.owners"}},
          {"CAP_DAC_READ_SEARCH",
           "sockets of other users' processes, tables of iptables",
           {"namespaces.owners", "sources.iptables"}}};
}

bool would_help(const Right& right, const model::Doctor& so_far) {
  return std::ranges::any_of(right.checks, [&](std::string_view id) {
    const auto* served = model::find_check(so_far, id);
    return served != nullptr && served->state == CheckState::kMissing;
  });
}

std::string enable_text(const host::Standing& standing, std::string_view name, bool by_command) {
  if (!standing.bounding.has(name)) return "what starts whydrop: the bounding set leaves it out";
  return by_command ? "root, or the command below" : "root";
}

}  // namespace

void add_rights(const host::Standing& standing, model::Doctor& doctor) {
  const auto rights = useful_rights();
  host::CapabilityNames wanted;
  for (const auto& right : rights) {
    if (!standing.held.has(right.name) && would_help(right, doctor)) wanted.emplace(right.name);
  }
  doctor.grant = host::grant_of(standing, wanted);
  for (const auto& right : rights) {
    Check check{.group = "rights",
                .id = fmt::format("rights.{}", right.name),
                .title = std::string(right.name)};
    if (standing.held.has(right.name)) {
      check.found = right.unlocks;
    } else if (wanted.contains(right.name)) {
      check.state = CheckState::kMissing;
      check.found = "not held";
      check.loses = right.unlocks;
      check.enable = enable_text(standing, right.name, !doctor.grant.command.empty());
    } else {
      check.state = CheckState::kNoted;
      check.found = fmt::format("not held, nor needed here: {}", right.unlocks);
    }
    doctor.checks.push_back(std::move(check));
  }
}

}  // namespace cli
