#include "diagnose/remedies.h"

#include <fmt/format.h>

#include "base/text.h"

namespace diagnose {
namespace {

bool is_initial(const model::Evidence& evidence, const model::Inode& netns) {
  const auto* found = model::find_netns(evidence, netns);
  return netns.empty() || (found != nullptr && found->name == "init");
}

constexpr std::string_view kNamed = "/run/netns/";

// Where the namespace can be entered; "" where that is not known.
std::string path_of(const model::Netns& netns) {
  const bool of_older_version = netns.enter_path.empty() && !netns.name.empty();
  return of_older_version ? fmt::format("{}{}", kNamed, netns.name) : netns.enter_path;
}

// The name that iproute2 knows it by, which looks for names in one folder only; "" without one.
std::string iproute_name(const model::Evidence& evidence, const model::Inode& netns) {
  const auto* found = model::find_netns(evidence, netns);
  if (found == nullptr || is_initial(evidence, netns)) return {};
  const auto path = path_of(*found);
  return path.starts_with(kNamed) ? base::shell_quoted(path.substr(kNamed.size())) : "";
}

// "/proc/42/ns/net" -> "42".
std::string_view process_in(std::string_view path) {
  constexpr std::string_view kBefore = "/proc/";
  constexpr std::string_view kAfter = "/ns/net";
  if (!path.starts_with(kBefore) || !path.ends_with(kAfter)) return {};
  path.remove_prefix(kBefore.size());
  path.remove_suffix(kAfter.size());
  return base::parse_number(path) ? path : std::string_view();
}

}  // namespace

std::string command_in(const model::Evidence& evidence, const model::Inode& netns,
                       const std::string& command, std::uint32_t pid) {
  const auto name = iproute_name(evidence, netns);
  if (name.empty()) return command_entering(evidence, netns, command, pid);
  return fmt::format("ip netns exec {} {}", name, command);
}

std::string command_entering(const model::Evidence& evidence, const model::Inode& netns,
                             const std::string& command, std::uint32_t pid) {
  if (is_initial(evidence, netns)) return command;
  const auto* found = model::find_netns(evidence, netns);
  const auto path = found == nullptr ? std::string() : path_of(*found);
  const auto process = process_in(path);
  if (!path.empty() && process.empty()) {
    return fmt::format("nsenter --net={} {}", base::shell_quoted(path), command);
  }
  if (pid != 0) return fmt::format("nsenter -t {} -n {}", pid, command);
  if (!process.empty()) return fmt::format("nsenter -t {} -n {}", process, command);
  return fmt::format("nsenter --net=/proc/PID/ns/net {}  # PID: any process in net:[{}]", command,
                     netns);
}

std::string reading_sysfs_in(const model::Evidence& evidence, const model::Inode& netns,
                             const std::string& command) {
  if (is_initial(evidence, netns) || !iproute_name(evidence, netns).empty()) {
    return command_in(evidence, netns, command);
  }
  const auto script = "mount -t sysfs sysfs /sys && " + command;
  return command_entering(evidence, netns, "unshare -m sh -c " + base::shell_quoted(script));
}

std::string iproute_in(const model::Evidence& evidence, const model::Inode& netns,
                       std::string_view tool, const std::string& arguments) {
  const auto name = iproute_name(evidence, netns);
  if (!name.empty()) return fmt::format("{} -n {} {}", tool, name, arguments);
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
