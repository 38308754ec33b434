// i40e, 6.1: i40e_update_vsi_stats; refreshed by the driver's watchdog every two seconds. port.*
// are of the physical port, with all its functions.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "port.illegal_bytes",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Bytes that the line code does not have; in rx_errors.",
     .check = "Cable, optics, switch port."},
    {.name = "port.link_xoff_rx",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames from the other end."},
    {.name = "port.link_xoff_tx",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames sent: the host is slow."},
    {.name = "port.mac_local_faults",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Faults of the link that this end sees.",
     .check = "Cable, optics, switch port."},
    {.name = "port.mac_remote_faults",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Faults of the link that the other end sees.",
     .check = "Cable, optics, switch port."},
    {.name = "port.rx_crc_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "The same, of the port."},
    {.name = "port.rx_discards",
     .role = kExact,
     .place = "ring.port-buffer",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning =
         "Packets that the port's own buffer had no room for. No standard counter holds them.",
     .check = "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port."},
    {.name = "port.tx_dropped_link_down",
     .role = kInfo,
     .stage = kWireTx,
     .meaning = "Packets that were dropped because the link was down."},
    {.name = "port.tx_timeout",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg (NETDEV WATCHDOG)."},
    {.name = "rx_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a packet.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "rx_crc_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; the standard counter has them."},
    {.name = "rx_dropped",
     .role = kEcho,
     .stage = kRing,
     .meaning =
         "Packets that the card discarded for other reasons; the standard counter has them."},
    {.name = "rx_missed_errors",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that this function had no descriptor for.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_missed_errors"},
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
    {.name = "tx_restart",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "A stopped transmit queue went on."},
    {.name = "tx_stopped",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "A transmit queue was stopped."},
});

}  // namespace

extern const Driver i40e;
const Driver i40e = {.name = "i40e",
                     .source = "ethernet/intel/i40e/i40e_ethtool.c ethernet/intel/i40e/i40e_main.c",
                     .statistics = kRows};

}  // namespace knowledge
