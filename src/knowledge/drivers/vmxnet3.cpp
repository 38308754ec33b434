// vmxnet3, 6.1: vmxnet3_get_stats64 leaves out what found no buffer.
#include <array>

#include "knowledge/drivers.h"

namespace knowledge {
namespace {

using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "drv dropped rx total",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Packets that the driver dropped; in rx_dropped."},
    {.name = "drv dropped tx total",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that the driver did not send; in tx_dropped."},
    {.name = "err",
     .role = kEcho,
     .stage = kRing,
     .meaning = "A part of what the driver dropped: descriptors with an error."},
    {.name = "fcs",
     .role = kEcho,
     .stage = kRing,
     .meaning = "A part of what the driver dropped: bad checksums of frames."},
    {.name = "pkts rx OOB",
     .role = kExact,
     .place = "ring.overflow",
     .stage = kRing,
     .klass = model::Class::kLoss,
     .meaning = "Packets for which the receive ring had no buffer. No standard counter holds them.",
     .check = "ethtool -g DEV; the CPUs of the device's interrupts; softnet.time_squeeze."},
    {.name = "pkts rx err",
     .role = kEcho,
     .stage = kRing,
     .meaning = "Packets that the device could not deliver; in rx_errors."},
    {.name = "pkts tx discard",
     .role = kInfo,
     .stage = kTxRing,
     .meaning = "Packets that the device discarded instead of sending."},
    {.name = "pkts tx err",
     .role = kEcho,
     .stage = kTxRing,
     .meaning = "Packets that the device could not send; in tx_errors."},
    {.name = "ring full",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The transmit ring was full and the queue was stopped: nothing is lost by that."},
    {.name = "rx buf alloc fail",
     .role = kPressure,
     .stage = kMemory,
     .meaning =
         "The driver got no memory for a receive buffer; what is lost by that is in rx_dropped.",
     .check = "dmesg (page allocation failure); vmstat allocstall; free."},
    {.name = "tx timeout count",
     .role = kPressure,
     .stage = kTxRing,
     .meaning = "The device hung and was reset.",
     .check = "dmesg (NETDEV WATCHDOG)."},
});

}  // namespace

extern const Driver vmxnet3;
const Driver vmxnet3 = {.name = "vmxnet3",
                        .source = "vmxnet3/vmxnet3_ethtool.c vmxnet3/vmxnet3_drv.c",
                        .statistics = kRows};

}  // namespace knowledge
