// e1000e, 6.1: e1000e_get_stats64.
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
    {.name = "rx_align_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that end within a byte; in rx_frame_errors."},
    {.name = "rx_crc_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; the standard counter has them."},
    {.name = "rx_csum_offload_errors",
     .role = kInfo,
     .stage = kIp,
     .meaning = "Packets with a bad checksum, as the card sees it; the stack judges again."},
    {.name = "rx_dma_failed",
     .role = kPressure,
     .stage = kRing,
     .meaning = "A receive buffer could not be mapped."},
    {.name = "rx_flow_control_xoff",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames from the other end."},
    {.name = "rx_long_length_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that are too long; in rx_length_errors."},
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
    {.name = "rx_short_length_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that are too short; in rx_length_errors."},
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

extern const Driver e1000e;
const Driver e1000e = {.name = "e1000e",
                       .source = "ethernet/intel/e1000e/ethtool.c ethernet/intel/e1000e/netdev.c",
                       .statistics = kRows};

}  // namespace knowledge
