// mlx5, 6.1: mlx5e_get_stats. rx_discards_phy is in rx_dropped with later stable kernels only.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    told(kRing, "dev_internal_queue_oob",
         "Packets that found no buffer in an internal queue of the card."),
    told(kWire, "link_down_events_phy", "The link went down."),
    no_memory("rx*_buff_alloc_err"),
    told(kRing, "rx*_oversize_pkts_sw_drop", "Packets longer than the MTU, dropped by the driver."),
    told(kRing, "rx*_wqe_err", "Receive requests that ended with an error."),
    bad_frame_checksum("rx_crc_errors_phy"),
    port_buffer("rx_discards_phy", "Packets that the port's own buffer had no room for.",
                "link.rx_dropped"),
    told(kRing, "rx_if_down_packets", "Packets that came while the interface was down."),
    repeated(kWire, "rx_in_range_len_errors_phy",
             "Frames with a wrong length; in rx_length_errors."),
    ring_overflow("rx_out_of_buffer", "Packets for which no receive queue had a buffer.",
                  "link.rx_missed_errors"),
    repeated(kWire, "rx_out_of_range_len_phy", "Frames with a wrong length; in rx_length_errors."),
    told(kRing, "rx_oversize_pkts_buffer", "Packets longer than the buffers of the queue."),
    repeated(kWire, "rx_oversize_pkts_phy", "Frames that are too long; in rx_length_errors."),
    line_fault("rx_pcs_symbol_err_phy", "Symbol errors that error correction could not mend."),
    repeated(kRing, "rx_prio*_buf_discard", "A part of rx_discards_phy: those of one priority."),
    repeated(kRing, "rx_prio*_cong_discard", "Packets of one priority that were discarded early."),
    repeated(kRing, "rx_prio*_discards", "A part of rx_discards_phy: those of one priority."),
    told(kRing, "rx_steer_missed_packets", "Packets that no steering rule of the card took."),
    line_fault("rx_symbol_err_phy", "Symbols that the line code does not have."),
    told(kTxRing, "tx*_cqe_err", "Transmissions that ended with an error."),
    told(kTxRing, "tx*_dropped", "Packets that the driver could not map for the card."),
    shortage(kTxRing, "tx*_stopped",
             "The transmit queue was full and was stopped: nothing is lost by that."),
    repeated(kWireTx, "tx_discards_phy",
             "Packets discarded on their way out; in tx_aborted_errors."),
    told(kWireTx, "tx_errors_phy", "Packets that the port could not send."),
});

}  // namespace

extern const Driver mlx5_core;
const Driver mlx5_core = {
    .name = "mlx5_core",
    .source =
        "ethernet/mellanox/mlx5/core/en_stats.c ethernet/mellanox/mlx5/core/en_stats.h "
        "ethernet/mellanox/mlx5/core/en_main.c",
    .statistics = kRows};

}  // namespace knowledge
