// gve, 6.1: gve_get_stats fills in packets and bytes only: no standard counter tells of loss. What
// the card itself reports (the last four) is up to 20 seconds old.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    no_memory("rx_buf_alloc_fail"),
    repeated(kRing, "rx_desc_err_dropped_pkt",
             "A part of what the driver dropped: descriptors with an error."),
    repeated(kRing, "rx_dropped", "The sum of what the driver dropped on its queues."),
    told(kRing, "rx_dropped_pkt[*]",
         "Packets that the driver dropped: no memory, or a descriptor with an error."),
    told(kTransport, "rx_drops_invalid_checksum[*]",
         "Packets that the card dropped for a bad checksum."),
    too_long("rx_drops_packet_over_mru[*]", "Packets longer than what the card may receive."),
    ring_overflow(
        "rx_no_buffers_posted[*]",
        "Packets that came while the queue had no buffer. No standard counter holds them."),
    told(kRing, "rx_queue_drop_cnt[*]",
         "Packets that the card dropped for this queue, as it reports; whether those without "
         "buffers are among them is not said."),
    no_memory("rx_skb_alloc_fail"),
    told(kTxRing, "tx_dropped", "Packets that the driver did not send."),
    queue_stopped("tx_stop[*]"),
    hung("tx_timeouts"),
});

}  // namespace

extern const Driver gve;
const Driver gve = {.name = "gve",
                    .source = "ethernet/google/gve/gve_ethtool.c ethernet/google/gve/gve_main.c",
                    .refresh = std::chrono::milliseconds(20000),
                    .refresh_source = "ethernet/google/gve/gve.h GVE_STATS_REPORT_TIMER_PERIOD",
                    .statistics = kRows};

}  // namespace knowledge
