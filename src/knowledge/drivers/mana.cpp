// mana, 6.1.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "hc_rx_discards_no_wqe",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets for which the card had no receive request.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze.",
     .also = "link.rx_missed_errors"},
    {.name = "hc_rx_err_vport_disabled",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that came while the port was disabled."},
    {.name = "hc_tx_err_mtu_violation",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "Packets longer than the MTU, which the card did not send."},
    {.name = "hc_tx_err_vport_disabled",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "Packets that the card did not send because the port was disabled."},
    {.name = "rx_coalesced_err",
     .role = kInfo,
     .stage = kRing,
     .meaning = "Packets that the card had joined, which the driver cannot take apart."},
    {.name = "stop_queue",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
});

}  // namespace

extern const Driver mana;
const Driver mana = {
    .name = "mana", .source = "ethernet/microsoft/mana/mana_ethtool.c", .statistics = kRows};

}  // namespace knowledge
