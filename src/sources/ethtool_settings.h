// Reads how devices are set: what `ethtool DEV`, `-l`, `-c`, `-a`, `-k`, `-x`, `-i` and
// `--show-fec` show.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sources/source.h"

namespace sources {

// Each takes the attributes of one answer and tells settings {dev,netns}; what a driver does not
// tell is left out.

// ETHTOOL_MSG_LINKMODES_GET: `ethtool.link.speed_mbps`, `.duplex`, `.autoneg`, `.lanes`.
void parse_link_modes(std::span<const std::byte> answer, const model::Inode& netns, Look& look);
// ETHTOOL_MSG_CHANNELS_GET: `ethtool.channels.rx`, `.tx`, `.combined`, `.other` and `…_max`.
void parse_channels(std::span<const std::byte> answer, const model::Inode& netns, Look& look);
// ETHTOOL_MSG_COALESCE_GET: `ethtool.coalesce.rx_usecs` and the like, as `ethtool -c` names them.
void parse_coalescing(std::span<const std::byte> answer, const model::Inode& netns, Look& look);
// ETHTOOL_MSG_PAUSE_GET: `ethtool.pause.autoneg`, `.rx`, `.tx`: "on" or "off".
void parse_pause(std::span<const std::byte> answer, const model::Inode& netns, Look& look);
// ETHTOOL_MSG_FEATURES_GET: `ethtool.features`, the names of those that are on, sorted. `names`
// are the names of all, by number.
void parse_features(std::span<const std::byte> answer, const std::vector<std::string>& names,
                    const model::Inode& netns, Look& look);
// The strings of an answer to ETHTOOL_MSG_STRSET_GET, by number.
[[nodiscard]] std::vector<std::string> parse_string_set(std::span<const std::byte> answer);

// A struct ethtool_rxfh with its table and key: `ethtool.rss.queues` ("0:64 1:64", how many entries
// of the table lead to each queue) and `ethtool.rss.key`.
void parse_rss(std::span<const std::byte> answer, const std::string& device,
               const model::Inode& netns, Look& look);

// A struct ethtool_drvinfo: `ethtool.driver`, `.driver_version`, `.firmware`, `.bus`.
void parse_driver_info(std::span<const std::byte> answer, const std::string& device,
                       const model::Inode& netns, Look& look);

}  // namespace sources
