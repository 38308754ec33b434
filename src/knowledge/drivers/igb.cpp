// igb, 6.1: igb_update_stats adds missed packets (MPC) to rx_missed_errors and to rx_fifo_errors,
// and those of queues (RQDPC) to rx_fifo_errors alone.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "rx_align_errors",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Frames that end within a byte."},
    {.name = "rx_crc_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; the standard counter has them."},
    {.name = "rx_fifo_errors",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Missed packets and those of queues without descriptors together."},
    {.name = "rx_flow_control_xoff",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames from the other end."},
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
    {.name = "rx_queue_*_alloc_failed",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a receive buffer of the queue.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "rx_queue_*_csum_err",
     .role = kInfo,
     .stage = kIp,
     .meaning = "Packets with a bad checksum, as the card sees it; the stack judges again."},
    {.name = "rx_queue_*_drops",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that a queue had no descriptor for (RQDPC).",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_fifo_errors"},
    {.name = "tx_flow_control_xoff",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Pause frames sent: the host is slow."},
    {.name = "tx_timeout_count",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg (NETDEV WATCHDOG)."},
});

}  // namespace

extern const Driver igb;
const Driver igb = {.name = "igb",
                    .source = "ethernet/intel/igb/igb_ethtool.c ethernet/intel/igb/igb_main.c",
                    .statistics = kRows};

}  // namespace knowledge
