// 8139cp, 6.1: what the card missed is taken from a register of its own into rx_missed_errors.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "frame_align",
     .role = kInfo,
     .stage = kWire,
     .meaning = "Frames that end within a byte."},
    {.name = "rx_err",
     .role = kEcho,
     .stage = kWire,
     .meaning = "Frames with errors, as the card counts them."},
    {.name = "rx_fifo",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that the card missed, in 16 bits; the standard counter rx_missed_errors "
                "has them as well."},
    {.name = "tx_abort",
     .role = kInfo,
     .stage = kWireTx,
     .meaning = "Transmissions given up after collisions."},
    {.name = "tx_underrun",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "The card was not fed fast enough."},
});

}  // namespace

extern const Driver rtl8139cp;
const Driver rtl8139cp = {
    .name = "8139cp", .source = "ethernet/realtek/8139cp.c", .statistics = kRows};

}  // namespace knowledge
