// qede, 6.1: qede_get_stats64.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "*: rx_alloc_errors",
     .role = kPressure,
     .stage = kMemory,
     .meaning = "No memory for a receive buffer.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "*: rx_hw_errors",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets with an error, as the card sees it."},
    {.name = "*: stopped_cnt",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
    {.name = "brb_discards",
     .role = kExact,
     .place = "ring.port-buffer",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning =
         "Packets that the card's own buffer had no room for. No standard counter holds them.",
     .check = "ethtool -a DEV; lspci -vv (LnkSta); other functions of the same port."},
    {.name = "brb_truncates",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that were cut because the card's own buffer was short."},
    {.name = "gft_filter_drop",
     .role = kInfo,
     .stage = kLink,
     .meaning = "Packets that a flow rule of the card dropped."},
    {.name = "link_change_count",
     .role = kInfo,
     .stage = kWire,
     .meaning = "The link went up or down."},
    {.name = "mac_filter_discards",
     .role = kInfo,
     .stage = kLink,
     .meaning = "Packets for other addresses."},
    {.name = "mftag_filter_discards",
     .role = kInfo,
     .stage = kLink,
     .meaning = "Packets that the filter of outer tags discarded."},
    {.name = "no_buff_discards",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets for which there was no receive buffer.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_fifo_errors"},
    {.name = "packet_too_big_discard",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets longer than the card may receive."},
    {.name = "rx_align_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that end within a byte; in rx_frame_errors."},
    {.name = "rx_crc_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; the standard counter has them."},
    {.name = "ttl0_discard", .role = kInfo, .stage = kIp, .meaning = "Packets with a TTL of 0."},
    {.name = "tx_err_drop_pkts",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that the card did not send; in tx_errors."},
});

}  // namespace

extern const Driver qede;
const Driver qede = {
    .name = "qede",
    .source = "ethernet/qlogic/qede/qede_ethtool.c ethernet/qlogic/qede/qede_main.c",
    .statistics = kRows};

}  // namespace knowledge
