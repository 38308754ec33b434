// veth, 6.1: veth_get_stats64 puts drops into rx_dropped and failed XDP sends into tx_dropped.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    repeated(kXdp, "rx_queue_*_drops",
             "Packets that were lost on the way through XDP; in rx_dropped."),
    dropped_by_xdp("rx_queue_*_xdp_drops"),
    repeated(kXdp, "rx_queue_*_xdp_tx_errors",
             "Packets that XDP could not send back; in tx_dropped."),
    repeated(kXdp, "tx_queue_*_xdp_xmit_errors",
             "Packets that were redirected here and found no room; in tx_dropped."),
});

}  // namespace

extern const Driver veth;
const Driver veth = {.name = "veth", .source = "veth.c", .statistics = kRows};

}  // namespace knowledge
