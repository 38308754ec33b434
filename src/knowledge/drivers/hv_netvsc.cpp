// hv_netvsc, 6.1: what cannot be sent is in tx_dropped (netvsc_start_xmit); a packet for which
// there is no memory on receive is refused to the host and counted here only.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "rx_comp_busy",
     .role = kPressure,
     .stage = kRing,
     .meaning = "The host was not told in time that a packet was taken."},
    {.name = "rx_no_memory",
     .role = kExact,
     .place = "ring.alloc-failed",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets refused to the host because there was no memory for them. No standard "
                "counter holds them.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "stop_queue",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full: the queue was stopped."},
    {.name = "tx_busy",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The ring was full and the packet was tried again."},
    {.name = "tx_no_memory",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets for which there was no memory; in tx_dropped."},
    {.name = "tx_no_space",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that found no room in the ring; in tx_dropped."},
    {.name = "tx_send_full",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The send buffer that is shared with the host was full."},
    {.name = "tx_too_big",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets of too many parts; in tx_dropped."},
    {.name = "vf_tx_dropped",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that the device below did not take; in tx_dropped."},
});

}  // namespace

extern const Driver hv_netvsc;
const Driver hv_netvsc = {
    .name = "hv_netvsc", .source = "hyperv/netvsc_drv.c hyperv/netvsc.c", .statistics = kRows};

}  // namespace knowledge
