// sfc, 6.1: ef10_update_stats_*; a port puts packets without descriptor into rx_dropped, a virtual
// adapter counts overflows in rx_fifo_errors.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "fec_uncorrected_errors",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Blocks that error correction could not mend.",
     .check = "Cable, optics, switch port."},
    {.name = "port_rx_align_error",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that end within a byte."},
    {.name = "port_rx_bad",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; in rx_crc_errors."},
    {.name = "port_rx_length_error",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong length; in rx_length_errors."},
    {.name = "port_rx_nodesc_drops",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that the card had no descriptor for.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_dropped"},
    {.name = "port_rx_overflow",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that the port had no room for."},
    {.name = "port_rx_pm_discard_bb_overflow",
     .role = kExact,
     .place = "ring.port-buffer",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning =
         "Packets that the card's own buffer had no room for. No standard counter holds them.",
     .check = "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port."},
    {.name = "port_rx_pm_discard_vfifo_full",
     .role = kExact,
     .place = "ring.port-buffer",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that the card's queue had no room for. No standard counter holds them.",
     .check = "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port."},
    {.name = "rx_bad",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; in rx_crc_errors."},
    {.name = "rx_nodesc_trunc",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Packets that were cut for want of a descriptor; in rx_dropped."},
    {.name = "rx_noskb_drops",
     .role = kEcho,
     .stage = kMemory,
     .meaning = "Packets for which there was no memory; in rx_dropped."},
    {.name = "rx_overflow",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Packets that the virtual adapter had no room for; in rx_fifo_errors."},
    {.name = "tx_bad",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that could not be sent; in tx_errors."},
    {.name = "tx_overflow",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "The transmit buffer of the virtual adapter had no room."},
});

}  // namespace

extern const Driver sfc;
const Driver sfc = {.name = "sfc",
                    .source = "ethernet/sfc/ef10.c ethernet/sfc/ethtool_common.c",
                    .statistics = kRows};

}  // namespace knowledge
