// Reads the counters that every driver tells under one name: of MAC, PHY, control frames, RMON,
// pause frames and error correction (`ethtool -S --groups`, `-a -I`, `--show-fec -I`).
#pragma once

#include <cstddef>
#include <span>

#include "sources/source.h"

namespace sources {

// The attributes of one answer to ETHTOOL_MSG_STATS_GET: counters `eth_mac.…`, `eth_phy.…`,
// `eth_ctrl.…`, `rmon.…` {dev,netns} under the names of the standards, as ethtool prints them;
// sizes of `rmon.rx_frames` and `.tx_frames` in a label `bytes` ("64-64").
void parse_standard_statistics(std::span<const std::byte> answer, const model::Inode& netns,
                               Look& look);

// One answer to ETHTOOL_MSG_PAUSE_GET: counters `pause.tx_pause_frames`, `.rx_pause_frames`.
void parse_pause_statistics(std::span<const std::byte> answer, const model::Inode& netns,
                            Look& look);

// One answer to ETHTOOL_MSG_FEC_GET: counters `fec.corrected_blocks`, `.uncorrectable_blocks`,
// `.corrected_bits`, the sum of all lanes.
void parse_fec_statistics(std::span<const std::byte> answer, const model::Inode& netns, Look& look);

}  // namespace sources
