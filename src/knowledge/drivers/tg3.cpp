// tg3, 6.1: tg3_get_nstats.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "mbuf_lwm_thresh_hit",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The card's own buffers ran short.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "rx_align_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that end within a byte; in rx_frame_errors."},
    {.name = "rx_discards",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets that the card discarded for want of a buffer.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_missed_errors"},
    {.name = "rx_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "The standard counter has them."},
    {.name = "rx_fcs_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with a wrong checksum; in rx_crc_errors."},
    {.name = "rx_frame_too_long_errors",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that are too long; in rx_length_errors."},
    {.name = "rx_threshold_hit",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The receive ring filled beyond its mark: nothing is lost by that.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "rx_undersize_packets",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames that are too short; in rx_length_errors."},
    {.name = "rxbds_empty",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The card found its receive ring empty.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "tx_carrier_sense_errors",
     .role = kEcho,
     .stage = kWireTx,
     .meaning = "The carrier was lost; in tx_carrier_errors."},
    {.name = "tx_discards",
     .role = kEcho,
     .stage = kWireTx,
     .meaning = "Packets that the card did not send; in tx_aborted_errors."},
    {.name = "tx_errors",
     .role = kEcho,
     .stage = kWireTx,
     .meaning = "The standard counter has them."},
});

}  // namespace

extern const Driver tg3;
const Driver tg3 = {.name = "tg3", .source = "ethernet/broadcom/tg3.c", .statistics = kRows};

}  // namespace knowledge
