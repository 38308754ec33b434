// sfc, 6.1: ef10_update_stats_*; a port puts packets without descriptor into rx_dropped, a virtual
// adapter counts overflows in rx_fifo_errors.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    line_fault("fec_uncorrected_errors", "Blocks that error correction could not mend."),
    repeated(kWire, "port_rx_align_error", "Frames that end within a byte."),
    bad_frame_checksum("port_rx_bad"),
    repeated(kWire, "port_rx_length_error", "Frames with a wrong length; in rx_length_errors."),
    ring_overflow("port_rx_nodesc_drops", "Packets that the card had no descriptor for.",
                  "link.rx_dropped"),
    told(kRing, "port_rx_overflow", "Packets that the port had no room for."),
    port_buffer(
        "port_rx_pm_discard_bb_overflow",
        "Packets that the card's own buffer had no room for. No standard counter holds them."),
    port_buffer("port_rx_pm_discard_vfifo_full",
                "Packets that the card's queue had no room for. No standard counter holds them."),
    bad_frame_checksum("rx_bad"),
    repeated(kRing, "rx_nodesc_trunc",
             "Packets that were cut for want of a descriptor; in rx_dropped."),
    repeated(kMemory, "rx_noskb_drops", "Packets for which there was no memory; in rx_dropped."),
    repeated(kRing, "rx_overflow",
             "Packets that the virtual adapter had no room for; in rx_fifo_errors."),
    repeated(kTxRing, "tx_bad", "Packets that could not be sent; in tx_errors."),
    told(kTxRing, "tx_overflow", "The transmit buffer of the virtual adapter had no room."),
});

}  // namespace

extern const Driver sfc;
const Driver sfc = {.name = "sfc",
                    .source = "ethernet/sfc/ef10.c ethernet/sfc/ethtool_common.c",
                    .refresh = std::chrono::milliseconds(1000),
                    .refresh_source = "ethernet/sfc/efx_common.c STATS_PERIOD_MS_DEFAULT",
                    .statistics = kRows};

}  // namespace knowledge
