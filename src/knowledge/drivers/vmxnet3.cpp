// vmxnet3, 6.1: vmxnet3_get_stats64 leaves out what found no buffer.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    repeated(kRing, "drv dropped rx total", "Packets that the driver dropped; in rx_dropped."),
    repeated(kTxRing, "drv dropped tx total",
             "Packets that the driver did not send; in tx_dropped."),
    repeated(kRing, "err", "A part of what the driver dropped: descriptors with an error."),
    repeated(kRing, "fcs", "A part of what the driver dropped: bad checksums of frames."),
    ring_overflow(
        "pkts rx OOB",
        "Packets for which the receive ring had no buffer. No standard counter holds them."),
    repeated(kRing, "pkts rx err", "Packets that the device could not deliver; in rx_errors."),
    told(kTxRing, "pkts tx discard", "Packets that the device discarded instead of sending."),
    repeated(kTxRing, "pkts tx err", "Packets that the device could not send; in tx_errors."),
    shortage(kTxRing, "ring full",
             "The transmit ring was full and the queue was stopped: nothing is lost by that."),
    shortage(
        kMemory, "rx buf alloc fail",
        "The driver got no memory for a receive buffer; what is lost by that is in rx_dropped.",
        kCheckMemory),
    hung("tx timeout count"),
});

}  // namespace

extern const Driver vmxnet3;
const Driver vmxnet3 = {.name = "vmxnet3",
                        .source = "vmxnet3/vmxnet3_ethtool.c vmxnet3/vmxnet3_drv.c",
                        .statistics = kRows};

}  // namespace knowledge
