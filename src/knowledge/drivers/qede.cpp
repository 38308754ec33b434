// qede, 6.1: qede_get_stats64.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    no_memory("*: rx_alloc_errors"),
    told(kRing, "*: rx_hw_errors", "Packets with an error, as the card sees it."),
    queue_stopped("*: stopped_cnt"),
    port_buffer(
        "brb_discards",
        "Packets that the card's own buffer had no room for. No standard counter holds them."),
    told(kRing, "brb_truncates", "Packets that were cut because the card's own buffer was short."),
    told(kLink, "gft_filter_drop", "Packets that a flow rule of the card dropped."),
    told(kWire, "link_change_count", "The link went up or down."),
    told(kLink, "mac_filter_discards", "Packets for other addresses."),
    told(kLink, "mftag_filter_discards", "Packets that the filter of outer tags discarded."),
    ring_overflow("no_buff_discards", "Packets for which there was no receive buffer.",
                  "link.rx_fifo_errors"),
    told(kRing, "packet_too_big_discard", "Packets longer than the card may receive."),
    misaligned("rx_align_errors"),
    bad_frame_checksum("rx_crc_errors"),
    told(kIp, "ttl0_discard", "Packets with a TTL of 0."),
    repeated(kTxRing, "tx_err_drop_pkts", "Packets that the card did not send; in tx_errors."),
});

}  // namespace

extern const Driver qede;
const Driver qede = {
    .name = "qede",
    .source = "ethernet/qlogic/qede/qede_ethtool.c ethernet/qlogic/qede/qede_main.c",
    .statistics = kRows};

}  // namespace knowledge
