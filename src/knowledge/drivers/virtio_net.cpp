// virtio_net, 6.1: rx drops are summed in rx_dropped, timeouts in tx_errors (virtnet_stats). What a
// full ring costs is lost on the host's side and counted there.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    repeated(kRing, "rx_queue_*_drops",
             "Packets dropped on receive: bad or incomplete buffers, no memory, XDP errors; in "
             "rx_dropped."),
    repeated(
        kXdp, "rx_queue_*_xdp_drops",
        "Packets that the XDP program dropped or that it failed on; a part of them is in drops."),
    shortage(kTxRing, "tx_queue_*_tx_timeouts",
             "The transmit queue stood still for too long; in tx_errors.",
             "dmesg (NETDEV WATCHDOG); the host under this guest."),
    repeated(kXdp, "tx_queue_*_xdp_tx_drops", "Packets that XDP could not send back."),
});

}  // namespace

extern const Driver virtio_net;
const Driver virtio_net = {.name = "virtio_net", .source = "virtio_net.c", .statistics = kRows};

}  // namespace knowledge
