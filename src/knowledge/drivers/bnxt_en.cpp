// bnxt_en, 6.1: bnxt_get_ring_stats sums rings into the standard counters; statistics of a ring are
// called "[N]: NAME".
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    shortage(kIrq, "[*]: missed_irqs",
             "An interrupt did not come, and the driver went on by itself."),
    shortage(kRing, "[*]: rx_buf_errors", "Receive buffers that ended with an error."),
    ring_overflow("[*]: rx_discards", "Packets that the ring had no buffer for.",
                  "link.rx_missed_errors"),
    bad_checksum("[*]: rx_l4_csum_errors"),
    shortage(kRing, "[*]: rx_resets", "A receive ring was reset."),
    told(kTxRing, "[*]: tx_discards", "Packets that the card discarded instead of sending."),
    repeated(kTxRing, "[*]: tx_errors", "Packets that the ring could not send; in tx_dropped."),
    misaligned("rx_align_err_frames"),
    shortage(kRing, "rx_buffer_passed_threshold",
             "The port's buffer filled beyond its mark: nothing is lost yet.", kCheckPort),
    bad_frame_checksum("rx_fcs_err_frames"),
    line_fault("rx_fec_uncorrectable_blocks", "Blocks that error correction could not mend."),
    told(kWire, "rx_mtu_err_frames", "Frames longer than the MTU."),
    line_fault("rx_pcs_symbol_err", "Symbols that the line code does not have."),
    told(kRing, "rx_stat_discard", "Packets that the port discarded."),
    repeated(kRing, "rx_total_discard_pkts", "The discards of all rings together."),
    repeated(kRing, "rx_total_netpoll_discards",
             "Packets discarded while netpoll ran; in rx_dropped."),
    repeated(kTxRing, "tx_total_discard_pkts", "The discards of all rings together."),
});

}  // namespace

extern const Driver bnxt_en;
const Driver bnxt_en = {
    .name = "bnxt_en",
    .source = "ethernet/broadcom/bnxt/bnxt_ethtool.c ethernet/broadcom/bnxt/bnxt.c",
    .refresh = std::chrono::milliseconds(1000),
    .refresh_source = "ethernet/broadcom/bnxt/bnxt.h BNXT_DEF_STATS_COAL_TICKS",
    .statistics = kRows};

}  // namespace knowledge
