// igb, 6.1: igb_update_stats adds missed packets (MPC) to rx_missed_errors and to rx_fifo_errors,
// and those of queues (RQDPC) to rx_fifo_errors alone.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    told(kWire, "rx_align_errors", "Frames that end within a byte."),
    bad_frame_checksum("rx_crc_errors"),
    repeated(kRing, "rx_fifo_errors",
             "Missed packets and those of queues without descriptors together."),
    pause_received("rx_flow_control_xoff"),
    ring_overflow("rx_missed_errors", "Packets for which the card had no room (MPC).",
                  "link.rx_missed_errors"),
    ring_was_empty("rx_no_buffer_count"),
    no_memory("rx_queue_*_alloc_failed"),
    bad_checksum("rx_queue_*_csum_err"),
    ring_overflow("rx_queue_*_drops", "Packets that a queue had no descriptor for (RQDPC).",
                  "link.rx_fifo_errors"),
    pause_sent("tx_flow_control_xoff"),
    hung("tx_timeout_count"),
});

}  // namespace

extern const Driver igb;
const Driver igb = {.name = "igb",
                    .source = "ethernet/intel/igb/igb_ethtool.c ethernet/intel/igb/igb_main.c",
                    .statistics = kRows};

}  // namespace knowledge
