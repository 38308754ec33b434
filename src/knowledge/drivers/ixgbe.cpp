// ixgbe, 6.1: ixgbe_update_stats; of the standard counters ixgbe_get_stats64 hands on only
// rx_errors, rx_length_errors, rx_crc_errors and rx_missed_errors.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    no_memory("alloc_rx_buff_failed"),
    no_memory("alloc_rx_page_failed"),
    bad_frame_checksum("rx_crc_errors"),
    bad_checksum("rx_csum_offload_errors"),
    pause_received("rx_flow_control_xoff"),
    repeated(kWire, "rx_length_errors",
             "Frames with a wrong length; the standard counter has them."),
    ring_overflow("rx_missed_errors", "Packets for which the card had no room (MPC).",
                  "link.rx_missed_errors"),
    ring_was_empty("rx_no_buffer_count"),
    ring_overflow(
        "rx_no_dma_resources",
        "Packets that a queue had no descriptor for (QPRDC). No standard counter holds them."),
    queue_stopped("tx_busy"),
    pause_sent("tx_flow_control_xoff"),
    queue_went_on("tx_restart_queue"),
    hung("tx_timeout_count"),
});

}  // namespace

extern const Driver ixgbe;
const Driver ixgbe = {
    .name = "ixgbe",
    .source = "ethernet/intel/ixgbe/ixgbe_ethtool.c ethernet/intel/ixgbe/ixgbe_main.c",
    .statistics = kRows};

}  // namespace knowledge
