// hv_netvsc, 6.1: what cannot be sent is in tx_dropped (netvsc_start_xmit); a packet for which
// there is no memory on receive is refused to the host and counted here only.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    shortage(kRing, "rx_comp_busy", "The host was not told in time that a packet was taken."),
    refused_for_memory("rx_no_memory",
                       "Packets refused to the host because there was no memory for them. No "
                       "standard counter holds them."),
    queue_stopped("stop_queue"),
    shortage(kTxRing, "tx_busy", "The ring was full and the packet was tried again."),
    repeated(kTxRing, "tx_no_memory", "Packets for which there was no memory; in tx_dropped."),
    repeated(kTxRing, "tx_no_space", "Packets that found no room in the ring; in tx_dropped."),
    shortage(kTxRing, "tx_send_full", "The send buffer that is shared with the host was full."),
    repeated(kTxRing, "tx_too_big", "Packets of too many parts; in tx_dropped."),
    repeated(kTxRing, "vf_tx_dropped",
             "Packets that the device below did not take; in tx_dropped."),
});

}  // namespace

extern const Driver hv_netvsc;
const Driver hv_netvsc = {
    .name = "hv_netvsc", .source = "hyperv/netvsc_drv.c hyperv/netvsc.c", .statistics = kRows};

}  // namespace knowledge
