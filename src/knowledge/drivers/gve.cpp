// gve, 6.1: gve_get_stats fills in packets and bytes only: no standard counter tells of loss. What
// the card itself reports (the last four) is up to 20 seconds old.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "rx_buf_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a receive buffer.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "rx_desc_err_dropped_pkt",
     .role = kEcho,
     .stage = kRing,
     .meaning = "A part of what the driver dropped: descriptors with an error."},
    {.name = "rx_dropped",
     .role = kEcho,
     .stage = kRing,
     .meaning = "The sum of what the driver dropped on its queues."},
    {.name = "rx_dropped_pkt[*]",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that the driver dropped: no memory, or a descriptor with an error."},
    {.name = "rx_drops_invalid_checksum[*]",
     .role = kInfo,
     .stage = kTransport,
     .meaning = "Packets that the card dropped for a bad checksum."},
    {.name = "rx_drops_packet_over_mru[*]",
     .role = kExact,
     .place = "wire.length-errors",
     .stage = kWire,
     .klass = model::Class::kLoss,
     .meaning = "Packets longer than what the card may receive.",
     .check = "The MTU of both ends."},
    {.name = "rx_no_buffers_posted[*]",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that came while the queue had no buffer. No standard counter holds them.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "rx_queue_drop_cnt[*]",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that the card dropped for this queue, as it reports; whether those "
                "without buffers are among them is not said."},
    {.name = "rx_skb_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a packet.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "tx_dropped",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "Packets that the driver did not send."},
    {.name = "tx_stop[*]",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
    {.name = "tx_timeouts",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg."},
});

}  // namespace

extern const Driver gve;
const Driver gve = {.name = "gve",
                    .source = "ethernet/google/gve/gve_ethtool.c ethernet/google/gve/gve_main.c",
                    .statistics = kRows};

}  // namespace knowledge
