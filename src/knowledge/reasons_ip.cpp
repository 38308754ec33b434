// Reasons of the link layer, IP, routing, neighbours, netfilter and fragments.
#include <array>

#include "knowledge/tables.h"

namespace knowledge {
namespace {

using enum model::Class;
using enum model::Direction;
using enum model::Stage;

constexpr auto kRows = std::to_array<Reason>({
    {.name = "ARP_PVLAN_DISABLE",
     .stage = kIp,
     .klass = kPolicy,
     .meaning = "A packet that is neither IPv4 nor answered by proxy ARP would have to leave "
                "by the device it came from, and proxy_arp_pvlan is off.",
     .check = "sysctl net.ipv4.conf.DEV.proxy_arp_pvlan; turn it on only for a private VLAN."},
    {.name = "BPF_CGROUP_EGRESS",
     .place = "cgroup.egress-drop",
     .stage = kNetfilterOut,
     .direction = kSend,
     .klass = kPolicy,
     .meaning = "A BPF program on the sender's cgroup refused the packet; the application was "
                "told EPERM.",
     .check = "bpftool cgroup tree; IPAddressDeny= of the systemd unit."},
    {.name = "DUP_FRAG",
     .stage = kIp,
     .klass = kNoise,
     .meaning = "The same IP fragment arrived twice; the second copy is dropped.",
     .check = "Nothing here; something on the path duplicates packets."},
    {.name = "FRAG_REASM_TIMEOUT",
     .place = "ip.reassembly-timeout",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "A fragmented datagram stayed incomplete for ipfrag_time and was given up with "
                "all its fragments.",
     .check = "ReasmTimeout in /proc/net/snmp; avoid fragments (smaller datagrams, right "
              "MTU), look for the lost fragment upstream."},
    {.name = "FRAG_TOO_FAR",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "Too many other fragments of the same sender arrived in between "
                "(ipfrag_max_dist), so the datagram was given up.",
     .check = "sysctl net.ipv4.ipfrag_max_dist; better avoid fragments."},
    {.name = "ICMP_CSUM",
     .stage = kTransport,
     .klass = kLoss,
     .meaning = "An ICMP message had a wrong checksum.",
     .check = "snmp.Icmp.InCsumErrors; corruption on the path or an offload fault: compare "
              "captures at both ends."},
    {.name = "INVALID_PROTO",
     .stage = kTransport,
     .klass = kNoise,
     .meaning = "The packet breaks the rules of its protocol, for instance a broadcast ping "
                "that is ignored on purpose.",
     .check = "sysctl net.ipv4.icmp_echo_ignore_broadcasts."},
    {.name = "IPV6DISABLED",
     .stage = kIp,
     .klass = kNoise,
     .meaning = "IPv6 is switched off on the device, and neighbours still send IPv6 (router "
                "advertisements, neighbour discovery).",
     .check = "sysctl net.ipv6.conf.DEV.disable_ipv6."},
    {.name = "IPV6_BAD_EXTHDR",
     .place = "ip.header-error",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "An IPv6 extension header is malformed.",
     .check = "tcpdump -vv ip6; find the sender."},
    {.name = "IPV6_NDISC_BAD_CODE",
     .stage = kTransport,
     .klass = kPolicy,
     .meaning = "A neighbour discovery message carried a non-zero code.",
     .check = "tcpdump -vv icmp6; a broken or forged sender."},
    {.name = "IPV6_NDISC_BAD_OPTIONS",
     .stage = kTransport,
     .klass = kPolicy,
     .meaning = "A neighbour discovery message carried invalid options.",
     .check = "tcpdump -vv icmp6; a broken or forged sender."},
    {.name = "IPV6_NDISC_FRAG",
     .stage = kTransport,
     .klass = kPolicy,
     .meaning = "A neighbour discovery message came in fragments, which suppress_frag_ndisc "
                "refuses.",
     .check = "sysctl net.ipv6.conf.DEV.suppress_frag_ndisc."},
    {.name = "IPV6_NDISC_HOP_LIMIT",
     .stage = kTransport,
     .klass = kPolicy,
     .meaning = "A neighbour discovery message had a hop limit other than 255: it was routed "
                "or forged.",
     .check = "tcpdump -vv icmp6."},
    {.name = "IPV6_NDISC_NS_OTHERHOST",
     .stage = kTransport,
     .klass = kNoise,
     .meaning = "A neighbour solicitation asked for another host; multicast filters are coarse.",
     .check = "Nothing needs doing."},
    {.name = "IPV6_TOO_MANY_EXTHDRS",
     .stage = kIp,
     .klass = kPolicy,
     .meaning = "The IPv6 packet carried more extension headers than the kernel accepts (7.x).",
     .check = "tcpdump -vv ip6; a broken or hostile sender."},
    {.name = "IP_CSUM",
     .place = "ip.header-error",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "The IPv4 header checksum was wrong.",
     .check = "netstat.IpExt.InCsumErrors; a broken forwarder or memory corruption: capture "
              "before and after each hop."},
    {.name = "IP_INADDRERRORS",
     .place = "ip.forwarding-disabled",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "The destination address is not ours, and this host does not forward.",
     .check = "ip -br addr; ip route get ADDRESS; sysctl net.ipv4.ip_forward; a stale ARP "
              "entry of the sender, a missing virtual address."},
    {.name = "IP_INHDR",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "The IP header is wrong, or the TTL ran out while forwarding; the function "
                "tells which.",
     .check = "snmp.Ip.InHdrErrors; ip_forward or ip6_forward as place means TTL (a routing "
              "loop, or a traceroute)."},
    {.name = "IP_INNOROUTES",
     .place = "ip.no-route",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "A received packet is for a network to which this host has no route.",
     .check = "ip route get ADDRESS from SOURCE iif DEV."},
    {.name = "IP_INVALID_DEST",
     .place = "ip.invalid-address",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "A received packet has an impossible destination address (0.0.0.0).",
     .check = "tcpdump -e; find the sender by its MAC address."},
    {.name = "IP_INVALID_SOURCE",
     .place = "ip.martian-source",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "A received packet has an impossible source address (multicast, broadcast or "
                "zero).",
     .check = "sysctl net.ipv4.conf.DEV.log_martians=1; find the sender by its MAC address."},
    {.name = "IP_LOCALNET",
     .stage = kIp,
     .klass = kPolicy,
     .meaning = "A packet from the wire carries a 127.0.0.0/8 address, and route_localnet is "
                "off.",
     .check = "A DNAT rule to 127.0.0.1 needs net.ipv4.conf.DEV.route_localnet=1 (and a "
              "firewall); else a forged packet."},
    {.name = "IP_LOCAL_SOURCE",
     .place = "ip.martian-source",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "A received packet has one of this host's own addresses as its source.",
     .check = "A duplicate address, a loop, or a virtual address of a load balancer on lo: "
              "ip -br addr; arping -D ADDRESS."},
    {.name = "IP_NOPROTO",
     .stage = kTransport,
     .klass = kRefused,
     .meaning = "No handler is loaded for the IP protocol, and no raw socket took the packet "
                "(none is open, or it was full); the sender got an ICMP protocol unreachable.",
     .check = "modprobe the protocol (sctp, ip_gre, esp4) if it is wanted; ss -wanm for a "
              "full raw socket."},
    {.name = "IP_OUTNOROUTES",
     .place = "route.no-route",
     .stage = kRoute,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "An existing socket has a packet to send, and its route is gone.",
     .check = "ip route get ADDRESS; a removed route, address or interface."},
    {.name = "IP_RPFILTER",
     .place = "ip.reverse-path-filter",
     .stage = kIp,
     .klass = kPolicy,
     .meaning = "The reverse path filter refused the packet: the route back to its source does "
                "not lead out of the device it came in by.",
     .check = "sysctl net.ipv4.conf.{all,DEV}.rp_filter; ip route get SOURCE from "
              "DESTINATION iif DEV."},
    {.name = "NEIGH_CREATEFAIL",
     .place = "neighbour.table-full",
     .stage = kNeighbour,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "No neighbour entry could be made: the table is at gc_thresh3, or memory is "
                "short.",
     .check = "the lines of ip neigh show against net.ipv4.neigh.default.gc_thresh3; dmesg "
              "\"neighbor table overflow\"."},
    {.name = "NEIGH_DEAD",
     .stage = kNeighbour,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "The packet met a neighbour entry that is being deleted.",
     .check = "Repeated: the table churns at gc_thresh2; else an address or device was just "
              "removed."},
    {.name = "NEIGH_FAILED",
     .place = "neighbour.unresolved",
     .stage = kNeighbour,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "The next hop did not answer ARP, so the packets that waited for its address "
                "were dropped.",
     .check = "ip neigh show nud failed; arping; wrong subnet, VLAN or a dead gateway."},
    {.name = "NEIGH_HH_FILLFAIL",
     .stage = kNeighbour,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "The link-layer header could not be built for the neighbour.",
     .check = "ip neigh; the device's driver."},
    {.name = "NEIGH_QUEUEFULL",
     .place = "neighbour.queue-full",
     .stage = kNeighbour,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "More packets waited for an unresolved neighbour than its queue holds "
                "(unres_qlen_bytes).",
     .check = "ip neigh; the next hop answers late or never: see NEIGH_FAILED."},
    {.name = "NETFILTER_DROP",
     .place = "netfilter.rule-drop",
     .stage = kNetfilter,
     .klass = kPolicy,
     .meaning = "A netfilter hook dropped the packet: a firewall rule, or connection tracking.",
     .check = "nft list ruleset and iptables-save -c for counters that rise; conntrack -S "
              "for drop and insert_failed."},
    {.name = "OTHERHOST",
     .place = "link.other-host",
     .stage = kLink,
     .klass = kNoise,
     .meaning = "The frame was for another host's MAC address; it was only seen because of a "
                "promiscuous device, flooding, or a VLAN tag without a device.",
     .check = "ip -d link (promiscuity); tcpdump -e."},
    {.name = "PKT_TOO_BIG",
     .place = "ip.packet-too-big",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "The packet is larger than the next hop's MTU and must not be fragmented.",
     .check = "A few: path MTU discovery at work. Many to one destination: ICMP is filtered; "
              "tracepath DESTINATION."},
    {.name = "PKT_TOO_SMALL",
     .stage = kIp,
     .klass = kLoss,
     .meaning = "The packet is shorter than its header says.",
     .check = "netstat.IpExt.InTruncatedPkts (IP), snmp.Udp.InErrors (UDP length); a "
              "truncating driver or middlebox."},
    {.name = "PTYPE_ABSENT",
     .place = "link.unknown-protocol",
     .stage = kLink,
     .klass = kNoise,
     .meaning = "No protocol handler takes this ethertype (the name of UNHANDLED_PROTO in "
                "5.18).",
     .check = "See UNHANDLED_PROTO."},
    {.name = "TUNNEL_TXINFO",
     .stage = kLink,
     .direction = kSend,
     .klass = kLoss,
     .meaning = "A tunnel device in external mode was given a packet without tunnel metadata.",
     .check = "A route leads straight to the device: use tc tunnel_key or a lightweight "
              "tunnel route."},
    {.name = "UNHANDLED_PROTO",
     .place = "link.unknown-protocol",
     .stage = kLink,
     .klass = kNoise,
     .meaning = "No protocol handler takes this ethertype: LLDP, STP or LACP frames on a host "
                "without such a daemon.",
     .check = "The ethertype of the samples; tcpdump -e; link.rx_dropped rises with it."},
    {.name = "UNICAST_IN_L2_MULTICAST",
     .stage = kIp,
     .klass = kPolicy,
     .meaning = "A unicast IP packet came in a broadcast or multicast frame, and "
                "drop_unicast_in_l2_multicast is on.",
     .check = "sysctl net.ipv4.conf.DEV.drop_unicast_in_l2_multicast."},
    {.name = "XFRM_POLICY",
     .place = "ip.xfrm-policy",
     .stage = kIp,
     .klass = kPolicy,
     .meaning = "IPsec policy refused the packet: clear text where encryption is asked, or the "
                "wrong association.",
     .check = "ip xfrm policy; ip xfrm state; /proc/net/xfrm_stat."},
});
static_assert(sorted_and_unique<Reason>(kRows));

}  // namespace

std::span<const Reason> reasons_ip() {
  return kRows;
}

}  // namespace knowledge
