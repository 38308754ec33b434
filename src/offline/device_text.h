// What `ip -s -d link` and `ethtool` print of devices.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace offline {

// Whether the kernel would call a device so (net/core/dev.c: dev_valid_name).
[[nodiscard]] bool is_device_name(std::string_view name);

// The devices of `ip -d link` or `ip -d address`, with -s also their counters (`link.*`), as
// iproute2 4.20 to 6.15 print them.
void parse_ip_link(std::string_view text, const model::Inode& netns, sources::Look& look);

// `ethtool -S DEV`: the counters `ethtool.*`.
void parse_ethtool_statistics(std::string_view text, const std::string& device,
                              const model::Inode& netns, sources::Look& look);

// `ethtool -i DEV`: the driver; "" where it does not say.
[[nodiscard]] std::string parse_ethtool_driver(std::string_view text);

// `ethtool -g DEV`: the settings `ethtool.ring.*`.
void parse_ethtool_rings(std::string_view text, const std::string& device,
                         const model::Inode& netns, sources::Look& look);

}  // namespace offline
