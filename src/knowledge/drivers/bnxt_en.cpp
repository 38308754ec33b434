// bnxt_en, 6.1: bnxt_get_ring_stats sums rings into the standard counters; statistics of a ring are
// called "[N]: NAME".
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "[*]: missed_irqs",
     .role = kPressure,
     .stage = kIrq,
     .meaning = "An interrupt did not come, and the driver went on by itself."},
    {.name = "[*]: rx_buf_errors",
     .role = kPressure,
     .stage = kRing,
     .meaning = "Receive buffers that ended with an error."},
    {.name = "[*]: rx_discards",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that the ring had no buffer for.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_missed_errors"},
    {.name = "[*]: rx_l4_csum_errors",
     .role = kInfo,
     .stage = kTransport,
     .meaning = "Packets with a bad checksum, as the card sees it; the stack judges again."},
    {.name = "[*]: rx_resets",
     .role = kPressure,
     .stage = kRing,
     .meaning = "A receive ring was reset."},
    {.name = "[*]: tx_discards",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "Packets that the card discarded instead of sending."},
    {.name = "[*]: tx_errors",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that the ring could not send; in tx_dropped."},
    {.name = "rx_align_err_frames",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that end within a byte; in rx_frame_errors."},
    {.name = "rx_buffer_passed_threshold",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The port's buffer filled beyond its mark: nothing is lost yet.",
     .check = "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port."},
    {.name = "rx_fcs_err_frames",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; in rx_crc_errors."},
    {.name = "rx_fec_uncorrectable_blocks",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Blocks that error correction could not mend.",
     .check = "Cable, optics, switch port."},
    {.name = "rx_mtu_err_frames",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Frames longer than the MTU."},
    {.name = "rx_pcs_symbol_err",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Symbols that the line code does not have.",
     .check = "Cable, optics, switch port."},
    {.name = "rx_stat_discard",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that the port discarded."},
    {.name = "rx_total_discard_pkts",
     .role = kEcho,
     .stage = kRing,
     .meaning = "The discards of all rings together."},
    {.name = "rx_total_netpoll_discards",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Packets discarded while netpoll ran; in rx_dropped."},
    {.name = "tx_total_discard_pkts",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "The discards of all rings together."},
});

}  // namespace

extern const Driver bnxt_en;
const Driver bnxt_en = {
    .name = "bnxt_en",
    .source = "ethernet/broadcom/bnxt/bnxt_ethtool.c ethernet/broadcom/bnxt/bnxt.c",
    .statistics = kRows};

}  // namespace knowledge
