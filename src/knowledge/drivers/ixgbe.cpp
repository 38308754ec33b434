// ixgbe, 6.1: ixgbe_update_stats; of the standard counters ixgbe_get_stats64 hands on only
// rx_errors, rx_length_errors, rx_crc_errors and rx_missed_errors.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "alloc_rx_buff_failed",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a packet.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "alloc_rx_page_failed",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No page for a receive buffer.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "rx_crc_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; the standard counter has them."},
    {.name = "rx_csum_offload_errors",
     .role = kInfo,
     .stage = kIp,
     .meaning = "Packets with a bad checksum, as the card sees it; the stack judges again."},
    {.name = "rx_flow_control_xoff",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames from the other end."},
    {.name = "rx_length_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong length; the standard counter has them."},
    {.name = "rx_missed_errors",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets for which the card had no room (MPC).",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_missed_errors"},
    {.name = "rx_no_buffer_count",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The ring was empty when a packet came; the card kept it, if it could.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "rx_no_dma_resources",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning =
         "Packets that a queue had no descriptor for (QPRDC). No standard counter holds them.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "tx_busy",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
    {.name = "tx_flow_control_xoff",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames sent: the host is slow."},
    {.name = "tx_restart_queue",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "A stopped transmit queue went on."},
    {.name = "tx_timeout_count",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg (NETDEV WATCHDOG)."},
});

}  // namespace

extern const Driver ixgbe;
const Driver ixgbe = {
    .name = "ixgbe",
    .source = "ethernet/intel/ixgbe/ixgbe_ethtool.c ethernet/intel/ixgbe/ixgbe_main.c",
    .statistics = kRows};

}  // namespace knowledge
