// e1000e, 6.1: e1000e_get_stats64.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    no_memory("alloc_rx_buff_failed"),
    misaligned("rx_align_errors"),
    bad_frame_checksum("rx_crc_errors"),
    bad_checksum("rx_csum_offload_errors"),
    shortage(kRing, "rx_dma_failed", "A receive buffer could not be mapped."),
    pause_received("rx_flow_control_xoff"),
    repeated(kWire, "rx_long_length_errors", "Frames that are too long; in rx_length_errors."),
    ring_overflow("rx_missed_errors", "Packets for which the card had no room (MPC).",
                  "link.rx_missed_errors"),
    ring_was_empty("rx_no_buffer_count"),
    repeated(kWire, "rx_short_length_errors", "Frames that are too short; in rx_length_errors."),
    pause_sent("tx_flow_control_xoff"),
    queue_went_on("tx_restart_queue"),
    hung("tx_timeout_count"),
});

}  // namespace

extern const Driver e1000e;
const Driver e1000e = {.name = "e1000e",
                       .source = "ethernet/intel/e1000e/ethtool.c ethernet/intel/e1000e/netdev.c",
                       .statistics = kRows};

}  // namespace knowledge
