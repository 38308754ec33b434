#include "diagnose/commands.h"

#include <fmt/format.h>

#include "base/text.h"

namespace diagnose {

std::string in_netns(const model::Evidence& evidence, const model::Inode& netns,
                     std::string_view command) {
  const auto* place = model::find_netns(evidence, netns);
  if (place == nullptr || place->name == "init") return std::string(command);
  if (!place->name.empty()) {
    return fmt::format("ip netns exec {} {}", base::shell_quoted(place->name), command);
  }
  return fmt::format("nsenter --net=/proc/PID/ns/net {}  # PID: any process in net:[{}]", command,
                     netns);
}

}  // namespace diagnose
