// mana, 6.1.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    ring_overflow("hc_rx_discards_no_wqe", "Packets for which the card had no receive request.",
                  "link.rx_missed_errors"),
    told(kRing, "hc_rx_err_vport_disabled", "Packets that came while the port was disabled."),
    told(kTxRing, "hc_tx_err_mtu_violation",
         "Packets longer than the MTU, which the card did not send."),
    told(kTxRing, "hc_tx_err_vport_disabled",
         "Packets that the card did not send because the port was disabled."),
    told(kRing, "rx_coalesced_err",
         "Packets that the card had joined, which the driver cannot take apart."),
    queue_stopped("stop_queue"),
});

}  // namespace

extern const Driver mana;
const Driver mana = {
    .name = "mana", .source = "ethernet/microsoft/mana/mana_ethtool.c", .statistics = kRows};

}  // namespace knowledge
