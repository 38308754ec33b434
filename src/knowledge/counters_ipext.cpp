// Counters of /proc/net/netstat, IpExt.
#include <array>

#include "knowledge/tables.h"

namespace knowledge {
namespace {

using enum model::Class;
using enum model::Stage;
using enum Role;

constexpr auto kRows = std::to_array<Counter>({
    {.name = "netstat.IpExt.InBcastOctets",
     .role = kTraffic,
     .stage = kIp,
     .unit = "events",
     .meaning = "Bytes received in broadcast packets."},
    {.name = "netstat.IpExt.InBcastPkts",
     .role = kTraffic,
     .stage = kIp,
     .meaning = "Broadcast packets received."},
    {.name = "netstat.IpExt.InCEPkts",
     .role = kInfo,
     .stage = kIp,
     .meaning = "Packets that a router on the path marked as having met congestion.",
     .check = "Against InECT0Pkts and InECT1Pkts."},
    {.name = "netstat.IpExt.InCsumErrors",
     .role = kExact,
     .place = "ip.header-error",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "Packets with a wrong IPv4 header checksum (also in snmp.Ip.InHdrErrors).",
     .check = "A broken forwarder or memory corruption."},
    {.name = "netstat.IpExt.InECT0Pkts",
     .role = kTraffic,
     .stage = kIp,
     .meaning = "Packets on the wire marked ECT(0)."},
    {.name = "netstat.IpExt.InECT1Pkts",
     .role = kTraffic,
     .stage = kIp,
     .meaning = "Packets on the wire marked ECT(1)."},
    {.name = "netstat.IpExt.InMcastOctets",
     .role = kTraffic,
     .stage = kIp,
     .unit = "events",
     .meaning = "Bytes received in multicast packets."},
    {.name = "netstat.IpExt.InMcastPkts",
     .role = kTraffic,
     .stage = kIp,
     .meaning = "Multicast packets received."},
    {.name = "netstat.IpExt.InNoECTPkts",
     .role = kTraffic,
     .stage = kIp,
     .meaning = "Packets on the wire whose sender does not take part in ECN; with the ECT and "
                "CE counters, all received."},
    {.name = "netstat.IpExt.InNoRoutes",
     .role = kExact,
     .place = "ip.no-route",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "Received packets for a network to which this host, a router, has no route.",
     .check = "ip route get ADDRESS from SOURCE iif DEV."},
    {.name = "netstat.IpExt.InOctets",
     .role = kTraffic,
     .stage = kIp,
     .unit = "events",
     .meaning = "Bytes received in IPv4 packets."},
    {.name = "netstat.IpExt.InTruncatedPkts",
     .role = kExact,
     .place = "ip.header-error",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "Packets shorter than their IPv4 header says (not in InHdrErrors).",
     .check = "A truncating driver or middlebox."},
    {.name = "netstat.IpExt.OutBcastOctets",
     .role = kTraffic,
     .stage = kRoute,
     .unit = "events",
     .meaning = "Bytes sent in broadcast packets."},
    {.name = "netstat.IpExt.OutBcastPkts",
     .role = kTraffic,
     .stage = kRoute,
     .meaning = "Broadcast packets sent."},
    {.name = "netstat.IpExt.OutMcastOctets",
     .role = kTraffic,
     .stage = kRoute,
     .unit = "events",
     .meaning = "Bytes sent in multicast packets."},
    {.name = "netstat.IpExt.OutMcastPkts",
     .role = kTraffic,
     .stage = kRoute,
     .meaning = "Multicast packets sent."},
    {.name = "netstat.IpExt.OutOctets",
     .role = kTraffic,
     .stage = kRoute,
     .unit = "events",
     .meaning = "Bytes sent in IPv4 packets."},
    {.name = "netstat.IpExt.ReasmOverlaps",
     .role = kEcho,
     .stage = kIp,
     .unit = "events",
     .meaning = "Fragments that overlap; inside snmp.Ip.ReasmFails.",
     .check = "tcpdump; an attack or a broken sender."},
});
static_assert(sorted_and_unique<Counter>(kRows));

}  // namespace

std::span<const Counter> counters_ipext() {
  return kRows;
}

}  // namespace knowledge
