// r8169, 6.1: the card counts missed packets in 16 bits; the standard counter starts from what
// stood there when the device was opened (rtl8169_get_stats64).
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    told(kWire, "align_errors", "Frames that end within a byte."),
    repeated(kWire, "rx_errors", "Frames with errors."),
    ring_overflow("rx_missed", "Packets for which the card had no room; 16 bits in the card.",
                  "link.rx_missed_errors"),
    repeated(kWireTx, "tx_aborted", "Transmissions given up; in tx_aborted_errors."),
    repeated(kWireTx, "tx_errors", "The standard counter has them."),
    told(kTxRing, "tx_underrun", "The card was not fed fast enough."),
});

}  // namespace

extern const Driver r8169;
const Driver r8169 = {
    .name = "r8169", .source = "ethernet/realtek/r8169_main.c", .statistics = kRows};

}  // namespace knowledge
