#include "comparison/denominators.h"

#include <algorithm>
#include <array>

#include "model/counter.h"

namespace comparison {
namespace {

struct Part {
  std::string_view start;  // of the counter's name
  std::string_view whole;
};

// The first that fits. (RFC 4022, 4113, 4293 for SNMP; linux/snmp.h for the rest)
constexpr auto kParts = std::to_array<Part>({
    {"snmp.Tcp.RetransSegs", "snmp.Tcp.OutSegs"},
    {"snmp.Tcp.OutRsts", "snmp.Tcp.OutSegs"},
    {"snmp.Tcp.", "snmp.Tcp.InSegs"},
    {"snmp.Udp.Snd", "snmp.Udp.OutDatagrams"},
    {"snmp.Udp.", "snmp.Udp.InDatagrams"},
    {"snmp.UdpLite.", "snmp.UdpLite.InDatagrams"},
    {"snmp.Ip.Out", "snmp.Ip.OutRequests"},
    {"snmp.Ip.Frag", "snmp.Ip.OutRequests"},
    {"snmp.Ip.Forw", "snmp.Ip.InReceives"},
    {"snmp.Ip.", "snmp.Ip.InReceives"},
    {"netstat.IpExt.", "snmp.Ip.InReceives"},
    {"snmp6.Ip6Out", "snmp6.Ip6OutRequests"},
    {"snmp6.Ip6Frag", "snmp6.Ip6OutRequests"},
    {"snmp6.Ip6", "snmp6.Ip6InReceives"},
    {"snmp6.Udp6Snd", "snmp6.Udp6OutDatagrams"},
    {"snmp6.Udp6", "snmp6.Udp6InDatagrams"},
    {"link.rx_", "link.rx_packets"},
    {"link.tx_", "link.tx_packets"},
    {"trace.", "snmp.Ip.InReceives"},
    {"qdisc.", "qdisc.packets"},
    {"softnet.", "softnet.processed"},
});

// Of TcpExt, what happens to what is sent; the rest happens to what comes in.
constexpr auto kOfSent = std::to_array<std::string_view>({
    "Retrans",
    "TCPLoss",
    "TCPTimeouts",
    "TCPSack",
    "TCPRenoReno",
    "TCPSpurious",
    "TCPDSACKUndo",
    "TCPFullUndo",
    "TCPPartialUndo",
    "TCPProbe",
    "TCPWinProbe",
});

std::string whole_of(std::string_view id, std::string_view name) {
  constexpr std::string_view kTcpExt = "netstat.TcpExt.";
  if (name.starts_with(kTcpExt)) {
    const bool of_sent = std::ranges::any_of(
        kOfSent, [&](std::string_view part) { return name.substr(kTcpExt.size()).contains(part); });
    return of_sent ? "snmp.Tcp.OutSegs" : "snmp.Tcp.InSegs";
  }
  if (name.starts_with("ethtool.")) {
    const auto queue = model::counter_label(id, "queue");
    const bool sent = name.contains("tx") || queue.starts_with("tx");
    return sent ? "link.tx_packets" : "link.rx_packets";
  }
  const auto part =
      std::ranges::find_if(kParts, [&](const Part& one) { return name.starts_with(one.start); });
  return part == kParts.end() ? "" : std::string(part->whole);
}

// What a datagram that came in may be counted as: InDatagrams are only those that were read.
// (RFC 4113; __udp4_lib_rcv() and udp_recvmsg())
constexpr auto kOfDatagrams =
    std::to_array<std::string_view>({"InDatagrams", "InErrors", "NoPorts"});

}  // namespace

std::vector<std::string> denominators_of(std::string_view id) {
  const auto name = model::counter_name(id);
  const auto whole = whole_of(id, name);
  if (whole.empty() || whole == name) return {};
  // A driver's statistic and a trace may have labels that the other has not.
  if (name.starts_with("ethtool.")) {
    return {model::counter_id(whole, {{"dev", model::counter_label(id, "dev")},
                                      {"netns", model::counter_label(id, "netns")}})};
  }
  if (name.starts_with("trace.")) {
    return {model::counter_id(whole, {{"netns", model::counter_label(id, "netns")}})};
  }
  const auto labels = std::string(id.substr(name.size()));
  constexpr std::string_view kRead = "InDatagrams";
  if (!whole.ends_with(kRead)) return {whole + labels};
  const auto protocol = whole.substr(0, whole.size() - kRead.size());
  std::vector<std::string> all;
  for (const auto one : kOfDatagrams) all.push_back(protocol + std::string(one) + labels);
  return all;
}

}  // namespace comparison
