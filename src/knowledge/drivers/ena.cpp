// ena, 6.1: ena_get_stats64; drops that the device reports are in rx_dropped and tx_dropped, all
// other standard counters of loss stay 0. What an allowance shaped may have been queued or dropped:
// only those of tracked connections and of link-local services are dropped always.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    shortage(kRing, "bw_in_allowance_exceeded",
             "Packets queued or dropped because the instance receives more than its bandwidth.",
             "The limits of the instance type; microbursts: averages hide them."),
    shortage(kTxRing, "bw_out_allowance_exceeded",
             "Packets queued or dropped because the instance sends more than its bandwidth.",
             "The limits of the instance type; microbursts: averages hide them."),
    beyond_allowance("conntrack_allowance_exceeded",
                     "Packets dropped because the instance may track no more connections."),
    beyond_allowance(
        "linklocal_allowance_exceeded",
        "Packets dropped because local services (DNS, metadata, time) are asked too often."),
    shortage(kRing, "pps_allowance_exceeded",
             "Packets queued or dropped because there are more of them a second than the instance "
             "may have.",
             "The limits of the instance type."),
    told(kRing, "queue_*_rx_bad_desc_num", "Packets over more descriptors than the card may use."),
    bad_checksum("queue_*_rx_csum_bad"),
    shortage(kRing, "queue_*_rx_empty_rx_ring",
             "The receive ring was found empty: it could not be refilled.", kCheckMemory),
    no_memory("queue_*_rx_page_alloc_fail"),
    shortage(kRing, "queue_*_rx_refil_partial", "The receive ring could be refilled in part only.",
             kCheckMemory),
    no_memory("queue_*_rx_skb_alloc_fail"),
    repeated(kXdp, "queue_*_rx_xdp_drop",
             "Packets that the XDP program dropped; in rx_dropped with some versions."),
    told(kTxRing, "queue_*_tx_missed_tx", "Transmissions whose end was not told in time."),
    queue_stopped("queue_*_tx_queue_stop"),
    hung("tx_timeout"),
    shortage(kTxRing, "wd_expired", "The device stopped telling that it lives, and was reset.",
             "dmesg."),
});

}  // namespace

extern const Driver ena;
const Driver ena = {.name = "ena",
                    .source = "ethernet/amazon/ena/ena_ethtool.c ethernet/amazon/ena/ena_netdev.c",
                    .statistics = kRows};

}  // namespace knowledge
