// r8169, 6.1: the card counts missed packets in 16 bits; the standard counter starts from what
// stood there when the device was opened (rtl8169_get_stats64).
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "align_errors",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Frames that end within a byte."},
    {.name = "rx_errors", .role = kEcho, .stage = kWire, .meaning = "Frames with errors."},
    {.name = "rx_missed",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets for which the card had no room; 16 bits in the card.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_missed_errors"},
    {.name = "tx_aborted",
     .role = kEcho,
     .stage = kWireTx,
     .meaning = "Transmissions given up; in tx_aborted_errors."},
    {.name = "tx_errors",
     .role = kEcho,
     .stage = kWireTx,
     .meaning = "The standard counter has them."},
    {.name = "tx_underrun",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "The card was not fed fast enough."},
});

}  // namespace

extern const Driver r8169;
const Driver r8169 = {
    .name = "r8169", .source = "ethernet/realtek/r8169_main.c", .statistics = kRows};

}  // namespace knowledge
