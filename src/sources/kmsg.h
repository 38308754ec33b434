// Reads the kernel's log for what it says about lost packets.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace sources {

// The messages that matter to us, out of records as /dev/kmsg gives them
// ("6,1234,5678901,-;text"); at_s is the time since boot.
[[nodiscard]] std::vector<model::KernelMessage> parse_kmsg(std::string_view records);

// "table-full", "syn-flood", "tx-timeout", "allocation-failure", "link", or nothing.
[[nodiscard]] std::optional<std::string_view> kind_of_message(std::string_view text);

}  // namespace sources
