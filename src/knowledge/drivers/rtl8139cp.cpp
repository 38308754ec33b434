// 8139cp, 6.1: what the card missed is taken from a register of its own into rx_missed_errors.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    told(kWire, "frame_align", "Frames that end within a byte."),
    repeated(kWire, "rx_err", "Frames with errors, as the card counts them."),
    told(kRing, "rx_fifo",
         "Packets that the card missed, in 16 bits; the standard counter rx_missed_errors has them "
         "as well."),
    told(kWireTx, "tx_abort", "Transmissions given up after collisions."),
    told(kTxRing, "tx_underrun", "The card was not fed fast enough."),
});

}  // namespace

extern const Driver rtl8139cp;
const Driver rtl8139cp = {
    .name = "8139cp", .source = "ethernet/realtek/8139cp.c", .statistics = kRows};

}  // namespace knowledge
