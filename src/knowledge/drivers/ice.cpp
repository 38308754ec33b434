// ice, 6.1: ice_update_vsi_stats. The standard counters are up to a second old (the driver's
// service task); asking for the statistics reads the card. The discards of the port go to
// rx_missed_errors, which ice_get_stats64 of 6.1 does not hand on.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    line_fault("illegal_bytes.nic", "Bytes that the line code does not have; in rx_errors."),
    pause_received("link_xoff_rx.nic"),
    pause_sent("link_xoff_tx.nic"),
    line_fault("mac_local_faults.nic", "Faults of the link that this end sees."),
    line_fault("mac_remote_faults.nic", "Faults of the link that the other end sees."),
    no_memory("rx_alloc_fail"),
    bad_frame_checksum("rx_crc_errors.nic"),
    bad_checksum("rx_csum_bad.nic"),
    ring_overflow("rx_dropped", "Packets that this function had no descriptor for.",
                  "link.rx_dropped"),
    port_buffer("rx_dropped.nic", "Packets that the port's own buffer had no room for.",
                "link.rx_missed_errors"),
    repeated(kWire, "rx_length_errors.nic",
             "Frames with a wrong length; the standard counter has them."),
    no_memory("rx_pg_alloc_fail"),
    told(kLink, "rx_unknown_protocol", "Packets of protocols that the card does not know."),
    queue_stopped("tx_busy"),
    told(kWireTx, "tx_dropped_link_down.nic",
         "Packets that were dropped because the link was down."),
    queue_went_on("tx_restart"),
    hung("tx_timeout.nic"),
});

}  // namespace

extern const Driver ice;
const Driver ice = {.name = "ice",
                    .source = "ethernet/intel/ice/ice_ethtool.c ethernet/intel/ice/ice_main.c",
                    .statistics = kRows};

}  // namespace knowledge
