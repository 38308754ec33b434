// veth, 6.1: veth_get_stats64 puts drops into rx_dropped and failed XDP sends into tx_dropped.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "rx_queue_*_drops",
     .role = kEcho,
     .stage = kXdp,
     .meaning = "Packets that were lost on the way through XDP; in rx_dropped."},
    {.name = "rx_queue_*_xdp_drops",
     .role = kEcho,
     .stage = kXdp,
     .meaning = "Packets that the XDP program dropped."},
    {.name = "rx_queue_*_xdp_tx_errors",
     .role = kEcho,
     .stage = kXdp,
     .meaning = "Packets that XDP could not send back; in tx_dropped."},
    {.name = "tx_queue_*_xdp_xmit_errors",
     .role = kEcho,
     .stage = kXdp,
     .meaning = "Packets that were redirected here and found no room; in tx_dropped."},
});

}  // namespace

extern const Driver veth;
const Driver veth = {.name = "veth", .source = "veth.c", .statistics = kRows};

}  // namespace knowledge
