// ena, 6.1: ena_get_stats64; drops that the device reports are in rx_dropped and tx_dropped, all
// other standard counters of loss stay 0. What an allowance shaped may have been queued or dropped:
// only those of tracked connections and of link-local services are dropped always.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "bw_in_allowance_exceeded",
     .role = kPressure,
     .stage = kRing,
     .meaning = "Packets queued or dropped because the instance receives more than its bandwidth.",
     .check = "The limits of the instance type; microbursts: averages hide them."},
    {.name = "bw_out_allowance_exceeded",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "Packets queued or dropped because the instance sends more than its bandwidth.",
     .check = "The limits of the instance type; microbursts: averages hide them."},
    {.name = "conntrack_allowance_exceeded",
     .role = kExact,
     .place = "ring.cloud-allowance",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets dropped because the instance may track no more connections.",
     .check = "The limits of the instance type; microbursts: averages hide them."},
    {.name = "linklocal_allowance_exceeded",
     .role = kExact,
     .place = "ring.cloud-allowance",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets dropped because local services (DNS, metadata, time) are asked too often.",
     .check = "The limits of the instance type; microbursts: averages hide them."},
    {.name = "pps_allowance_exceeded",
     .role = kPressure,
     .stage = kRing,
     .meaning = "Packets queued or dropped because there are more of them a second than the "
                "instance may have.",
     .check = "The limits of the instance type."},
    {.name = "queue_*_rx_bad_desc_num",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets over more descriptors than the card may use."},
    {.name = "queue_*_rx_csum_bad",
     .role = kInfo,
     .stage = kTransport,
     .meaning = "Packets with a bad checksum, as the card sees it; the stack judges again."},
    {.name = "queue_*_rx_empty_rx_ring",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The receive ring was found empty: it could not be refilled.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "queue_*_rx_page_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No page for a receive buffer.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "queue_*_rx_refil_partial",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The receive ring could be refilled in part only.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "queue_*_rx_skb_alloc_fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a packet.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "queue_*_rx_xdp_drop",
     .role = kEcho,
     .stage = kXdp,
     .meaning = "Packets that the XDP program dropped; in rx_dropped with some versions."},
    {.name = "queue_*_tx_missed_tx",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "Transmissions whose end was not told in time."},
    {.name = "queue_*_tx_queue_stop",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
    {.name = "tx_timeout",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg."},
    {.name = "wd_expired",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device stopped telling that it lives, and was reset.",
     .check = "dmesg."},
});

}  // namespace

extern const Driver ena;
const Driver ena = {.name = "ena",
                    .source = "ethernet/amazon/ena/ena_ethtool.c ethernet/amazon/ena/ena_netdev.c",
                    .statistics = kRows};

}  // namespace knowledge
