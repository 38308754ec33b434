// tg3, 6.1: tg3_get_nstats.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    shortage(kRing, "mbuf_lwm_thresh_hit", "The card's own buffers ran short.", kCheckRing),
    misaligned("rx_align_errors"),
    ring_overflow("rx_discards", "Packets that the card discarded for want of a buffer.",
                  "link.rx_missed_errors"),
    repeated(kWire, "rx_errors", "The standard counter has them."),
    bad_frame_checksum("rx_fcs_errors"),
    repeated(kWire, "rx_frame_too_long_errors", "Frames that are too long; in rx_length_errors."),
    shortage(kRing, "rx_threshold_hit",
             "The receive ring filled beyond its mark: nothing is lost by that.", kCheckRing),
    repeated(kWire, "rx_undersize_packets", "Frames that are too short; in rx_length_errors."),
    shortage(kRing, "rxbds_empty", "The card found its receive ring empty.", kCheckRing),
    repeated(kWireTx, "tx_carrier_sense_errors", "The carrier was lost; in tx_carrier_errors."),
    repeated(kWireTx, "tx_discards", "Packets that the card did not send; in tx_aborted_errors."),
    repeated(kWireTx, "tx_errors", "The standard counter has them."),
});

}  // namespace

extern const Driver tg3;
const Driver tg3 = {.name = "tg3",
                    .source = "ethernet/broadcom/tg3.c",
                    .refresh = std::chrono::milliseconds(1000),
                    .refresh_source = "ethernet/broadcom/tg3.h DEFAULT_STAT_COAL_TICKS",
                    .statistics = kRows};

}  // namespace knowledge
