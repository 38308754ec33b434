#include "diagnose/remedies.h"

#include <fmt/format.h>

#include "base/text.h"

namespace diagnose {
namespace {

bool is_initial(const model::Evidence& evidence, const model::Inode& netns) {
  const auto* found = model::find_netns(evidence, netns);
  return netns.empty() || (found != nullptr && found->name == "init");
}

}  // namespace

std::string command_in(const model::Evidence& evidence, const model::Inode& netns,
                       const std::string& command, std::uint32_t pid) {
  if (is_initial(evidence, netns)) return command;
  const auto* found = model::find_netns(evidence, netns);
  if (found != nullptr && !found->name.empty()) {
    return fmt::format("ip netns exec {} {}", base::shell_quoted(found->name), command);
  }
  if (pid != 0) return fmt::format("nsenter -t {} -n {}", pid, command);
  return fmt::format("nsenter --net=/proc/PID/ns/net {}  # PID: any process in net:[{}]", command,
                     netns);
}

std::string iproute_in(const model::Evidence& evidence, const model::Inode& netns,
                       std::string_view tool, const std::string& arguments) {
  const auto* found = model::find_netns(evidence, netns);
  if (found != nullptr && !found->name.empty() && !is_initial(evidence, netns)) {
    return fmt::format("{} -n {} {}", tool, base::shell_quoted(found->name), arguments);
  }
  return command_in(evidence, netns, fmt::format("{} {}", tool, arguments));
}

model::Remedy sysctl_remedy(const model::Evidence& evidence, const model::Inode& netns,
                            std::string_view name, std::string_view from, std::string_view to,
                            std::uint32_t pid) {
  model::Remedy remedy{.kind = "sysctl"};
  const auto set_to = [&](std::string_view value) {
    return command_in(evidence, netns, fmt::format("sysctl -w {}={}", name, value), pid);
  };
  remedy.command = set_to(to);
  remedy.set = {{.target = std::string(name),
                 .netns = netns.empty() ? std::nullopt : std::optional(netns),
                 .from = std::string(from),
                 .to = std::string(to)}};
  remedy.undo = set_to(from);
  remedy.verify = command_in(evidence, netns, fmt::format("sysctl {}", name), pid);
  remedy.tunable = true;
  if (is_initial(evidence, netns)) {
    remedy.persist = {{"/etc/sysctl.d/90-whydrop.conf", fmt::format("{} = {}\n", name, to)}};
  }
  return remedy;
}

}  // namespace diagnose
