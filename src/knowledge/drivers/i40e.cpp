// i40e, 6.1: i40e_update_vsi_stats. The standard counters are up to a second old (the driver's
// service task); asking for the statistics reads the card. port.* are of the physical port, with
// all its functions.
#include <array>

#include "knowledge/drivers/rows.h"

namespace knowledge {
namespace {

using namespace rows;
using enum model::Stage;

constexpr auto kRows = std::to_array<Counter>({
    line_fault("port.illegal_bytes", "Bytes that the line code does not have; in rx_errors."),
    pause_received("port.link_xoff_rx"),
    pause_sent("port.link_xoff_tx"),
    line_fault("port.mac_local_faults", "Faults of the link that this end sees."),
    line_fault("port.mac_remote_faults", "Faults of the link that the other end sees."),
    repeated(kWire, "port.rx_crc_errors", "The same, of the port."),
    port_buffer(
        "port.rx_discards",
        "Packets that the port's own buffer had no room for. No standard counter holds them."),
    told(kWireTx, "port.tx_dropped_link_down",
         "Packets that were dropped because the link was down."),
    hung("port.tx_timeout"),
    no_memory("rx_alloc_fail"),
    bad_frame_checksum("rx_crc_errors"),
    repeated(kRing, "rx_dropped",
             "Packets that the card discarded for other reasons; the standard counter has them."),
    ring_overflow("rx_missed_errors", "Packets that this function had no descriptor for.",
                  "link.rx_missed_errors"),
    no_memory("rx_pg_alloc_fail"),
    told(kLink, "rx_unknown_protocol", "Packets of protocols that the card does not know."),
    queue_stopped("tx_busy"),
    queue_went_on("tx_restart"),
    queue_stopped("tx_stopped"),
});

}  // namespace

extern const Driver i40e;
const Driver i40e = {.name = "i40e",
                     .source = "ethernet/intel/i40e/i40e_ethtool.c ethernet/intel/i40e/i40e_main.c",
                     .statistics = kRows};

}  // namespace knowledge
