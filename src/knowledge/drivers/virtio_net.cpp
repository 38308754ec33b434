// virtio_net, 6.1: rx drops are summed in rx_dropped, timeouts in tx_errors (virtnet_stats). What a
// full ring costs is lost on the host's side and counted there.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "rx_queue_*_drops",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Packets dropped on receive: bad or incomplete buffers, no memory, XDP errors; in "
                "rx_dropped."},
    {.name = "rx_queue_*_xdp_drops",
     .role = kEcho,
     .stage = kXdp,
     .meaning =
         "Packets that the XDP program dropped or that it failed on; a part of them is in drops."},
    {.name = "tx_queue_*_tx_timeouts",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit queue stood still for too long; in tx_errors.",
     .check = "dmesg (NETDEV WATCHDOG); the host under this guest."},
    {.name = "tx_queue_*_xdp_tx_drops",
     .role = kEcho,
     .stage = kXdp,
     .meaning = "Packets that XDP could not send back."},
});

}  // namespace

extern const Driver virtio_net;
const Driver virtio_net = {.name = "virtio_net", .source = "virtio_net.c", .statistics = kRows};

}  // namespace knowledge
