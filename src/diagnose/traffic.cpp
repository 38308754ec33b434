#include "diagnose/traffic.h"

#include <algorithm>
#include <array>
#include <span>

#include "diagnose/driver_statistics.h"

namespace diagnose {
namespace {

using model::Direction;
using model::Evidence;
using model::Stage;
using model::StageState;

// The sum of the rises of counters in the selected namespaces; nothing if none was read.
std::optional<std::uint64_t> sum(const Evidence& evidence, const model::Inode& netns,
                                 std::span<const std::string_view> names) {
  std::optional<std::uint64_t> total;
  for (const auto& place : evidence.netns) {
    if (netns.empty() ? !place.selected : place.id != netns) continue;
    for (const auto name : names) {
      const auto* series =
          evidence.timeline.counter(model::counter_id(name, {{"netns", place.id}}));
      if (series != nullptr) total = total.value_or(0) + model::increment(*series).amount;
    }
  }
  return total;
}

constexpr std::array<std::string_view, 8> kReceived = {
    "netstat.IpExt.InNoECTPkts", "netstat.IpExt.InECT0Pkts", "netstat.IpExt.InECT1Pkts",
    "netstat.IpExt.InCEPkts",    "snmp6.Ip6InNoECTPkts",     "snmp6.Ip6InECT0Pkts",
    "snmp6.Ip6InECT1Pkts",       "snmp6.Ip6InCEPkts"};
constexpr std::array<std::string_view, 4> kSent = {"snmp.Ip.OutRequests", "snmp.Ip.ForwDatagrams",
                                                   "snmp6.Ip6OutRequests",
                                                   "snmp6.Ip6OutForwDatagrams"};
constexpr std::array<std::string_view, 6> kDelivered = {
    "snmp.Tcp.InSegs",  "snmp.Udp.InDatagrams", "snmp6.Udp6InDatagrams",
    "snmp.Icmp.InMsgs", "snmp6.Icmp6InMsgs",    "snmp.UdpLite.InDatagrams"};
constexpr std::array<std::string_view, 2> kIpIn = {"snmp.Ip.InReceives", "snmp6.Ip6InReceives"};
constexpr std::array<std::string_view, 2> kUdpRead = {"snmp.Udp.InDatagrams",
                                                      "snmp6.Udp6InDatagrams"};
constexpr std::array<std::string_view, 1> kSegments = {"snmp.Tcp.OutSegs"};
constexpr std::array<std::string_view, 1> kRetransmitted = {"snmp.Tcp.RetransSegs"};
constexpr std::array<std::string_view, 3> kSockets = {"snmp.Udp.OutDatagrams",
                                                      "snmp6.Udp6OutDatagrams", "snmp.Tcp.OutSegs"};

// Packets that the devices of the selected namespaces saw; only physical ones where asked.
std::optional<std::uint64_t> on_devices(const Evidence& evidence, std::string_view name,
                                        bool physical_only) {
  std::optional<std::uint64_t> total;
  for (const auto& device : evidence.devices) {
    const auto* netns = model::find_netns(evidence, device.netns);
    if (netns == nullptr || !netns->selected) continue;
    if (physical_only && device.kind != "physical") continue;
    const auto* series = evidence.timeline.counter(
        model::counter_id(name, {{"dev", device.name}, {"netns", device.netns}}));
    if (series != nullptr) total = total.value_or(0) + model::increment(*series).amount;
  }
  return total;
}

std::optional<std::uint64_t> passed(const Evidence& evidence, Stage stage) {
  switch (stage) {
    case Stage::kWire:
    case Stage::kRing:
      return on_devices(evidence, "link.rx_packets", true);
    case Stage::kLink:
      return on_devices(evidence, "link.rx_packets", false);
    case Stage::kIp:
      return sum(evidence, "", kIpIn);
    case Stage::kTransport:
      return sum(evidence, "", kDelivered);
    case Stage::kApp:
      return sum(evidence, "", kUdpRead);
    case Stage::kSocketTx:
      return sum(evidence, "", kSockets);
    case Stage::kTcp:
      return sum(evidence, "", kSegments);
    case Stage::kRoute:
      return sum(evidence, "", kSent);
    case Stage::kQdisc:
      return on_devices(evidence, "link.tx_packets", false);
    case Stage::kTxRing:
    case Stage::kWireTx:
      return on_devices(evidence, "link.tx_packets", true);
    default:
      return {};
  }
}

// Worst first: what a stage with several accounts shows.
StageState state_for(model::Class klass) {
  switch (klass) {
    case model::Class::kLoss:
    case model::Class::kUnknown:
      return StageState::kLoss;
    case model::Class::kPolicy:
      return StageState::kPolicy;
    case model::Class::kRefused:
      return StageState::kRefused;
    case model::Class::kNoise:
      return StageState::kNoise;
  }
  return StageState::kOk;
}

int weight(StageState state) {
  switch (state) {
    case StageState::kLoss:
      return 5;
    case StageState::kPolicy:
      return 4;
    case StageState::kRefused:
      return 3;
    case StageState::kBlind:
      return 2;
    case StageState::kNoise:
      return 1;
    default:
      return 0;
  }
}

bool is_blind(const Evidence& evidence, Stage stage) {
  const auto hidden_by = [&](const model::BlindSpot& spot) {
    return std::ranges::find(spot.stages, stage) != spot.stages.end();
  };
  return std::ranges::any_of(evidence.blind_spots, hidden_by) ||
         std::ranges::any_of(unsettled_statistics(evidence), hidden_by);
}

}  // namespace

std::optional<std::uint64_t> traffic_of(const Evidence& evidence, const model::Inode& netns,
                                        Direction direction) {
  if (direction == Direction::kReceive) return sum(evidence, netns, kReceived);
  return sum(evidence, netns, kSent);
}

model::TcpTotals tcp_totals(const Evidence& evidence) {
  model::TcpTotals totals;
  totals.segments_sent = sum(evidence, "", kSegments);
  totals.retransmitted = sum(evidence, "", kRetransmitted);
  if (totals.segments_sent && totals.retransmitted) {
    const auto sent = *totals.segments_sent + *totals.retransmitted;
    totals.ratio =
        sent == 0 ? 0.0 : static_cast<double>(*totals.retransmitted) / static_cast<double>(sent);
  }
  return totals;
}

std::vector<model::StageReport> stage_reports(const Evidence& evidence,
                                              const std::vector<model::Account>& accounts) {
  std::vector<model::StageReport> reports;
  for (int number = 0; number < model::kStageCount; ++number) {
    const auto stage = static_cast<Stage>(number);
    model::StageReport report{.stage = stage, .direction = model::direction_of(stage)};
    const bool blind = is_blind(evidence, stage);
    report.state = blind ? StageState::kBlind : StageState::kOk;
    report.packets = passed(evidence, stage);
    std::uint64_t lost = 0;
    for (const auto& account : accounts) {
      if (account.stage != stage) continue;
      if (model::counts_as_lost(account.klass)) lost += account.packets;
      const auto state = state_for(account.klass);
      if (weight(state) > weight(report.state)) report.state = state;
    }
    if (!blind || lost > 0) report.lost = lost;
    reports.push_back(report);
  }
  return reports;
}

}  // namespace diagnose
