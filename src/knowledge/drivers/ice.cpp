// ice, 6.1: ice_update_vsi_stats; refreshed by the driver's watchdog about every second. The
// discards of the port go to rx_missed_errors, which ice_get_stats64 of 6.1 does not hand on.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "illegal_bytes.nic",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Bytes that the line code does not have; in rx_errors.",
     .check = "Cable, optics, switch port."},
    {.name = "link_xoff_rx.nic",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames from the other end."},
    {.name = "link_xoff_tx.nic",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames sent: the host is slow."},
    {.name = "mac_local_faults.nic",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Faults of the link that this end sees.",
     .check = "Cable, optics, switch port."},
    {.name = "mac_remote_faults.nic",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Faults of the link that the other end sees.",
     .check = "Cable, optics, switch port."},
    {.name = "rx_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a packet.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "rx_crc_errors.nic",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; the standard counter has them."},
    {.name = "rx_csum_bad.nic",
     .role = kInfo,
     .stage = kIp,
     .meaning = "Packets with a bad checksum, as the card sees it; the stack judges again."},
    {.name = "rx_dropped",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that this function had no descriptor for.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_dropped"},
    {.name = "rx_dropped.nic",
     .role = kExact,
     .place = "ring.port-buffer",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that the port's own buffer had no room for.",
     .check = "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port.",
     .also = "link.rx_missed_errors"},
    {.name = "rx_length_errors.nic",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong length; the standard counter has them."},
    {.name = "rx_pg_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No page for a receive buffer.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "rx_unknown_protocol",
     .role = kInfo,
     .stage = kLink,
     .meaning = "Packets of protocols that the card does not know."},
    {.name = "tx_busy",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
    {.name = "tx_dropped_link_down.nic",
     .role = kInfo,
     .stage = kWireTx,
     .meaning = "Packets that were dropped because the link was down."},
    {.name = "tx_restart",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "A stopped transmit queue went on."},
    {.name = "tx_timeout.nic",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg (NETDEV WATCHDOG)."},
});

}  // namespace

extern const Driver ice;
const Driver ice = {.name = "ice",
                    .source = "ethernet/intel/ice/ice_ethtool.c ethernet/intel/ice/ice_main.c",
                    .statistics = kRows};

}  // namespace knowledge
