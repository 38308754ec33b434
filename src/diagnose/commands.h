// Commands for this host, as a remedy prints them.
#pragma once

#include <string>
#include <string_view>

#include "model/evidence.h"

namespace diagnose {

// The command as it must be given from the host's own namespace: with `ip netns exec NAME` in front
// where the namespace has a name there; with `nsenter` and a process to be filled in where it has
// none.
[[nodiscard]] std::string in_netns(const model::Evidence& evidence, const model::Inode& netns,
                                   std::string_view command);

}  // namespace diagnose
