#include "diagnose/reasonless.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "knowledge/places.h"

namespace diagnose {
namespace {

using model::Evidence;
using model::WitnessKind;

struct Rule {
  std::string_view symbol;
  std::string_view taken_for;
  std::string_view counter;  // exact for `place`
  std::string_view place;
};

constexpr auto kRules = std::to_array<Rule>({
    {"__udp4_lib_rcv", "udp.no-listener", "snmp.Udp.InCsumErrors", "udp.checksum"},
    {"__udp6_lib_rcv", "udp.no-listener", "snmp6.Udp6InCsumErrors", "udp.checksum"},
    {"tcp_v4_rcv", "tcp.no-listener", "snmp.Tcp.InCsumErrors", "tcp.checksum"},
    {"tcp_v6_rcv", "tcp.no-listener", "snmp.Tcp.InCsumErrors", "tcp.checksum"},
    {"tcp_v4_rcv", "tcp.no-listener", "netstat.TcpExt.TCPBacklogDrop", "tcp.socket-backlog-full"},
    {"tcp_v6_rcv", "tcp.no-listener", "netstat.TcpExt.TCPBacklogDrop", "tcp.socket-backlog-full"},
});

bool is_of(const Entry& entry, const Rule& rule) {
  const auto& witness = entry.witness;
  const auto symbol = std::string_view(witness.location).substr(0, witness.location.find('+'));
  return witness.kind == WitnessKind::kTrace && witness.reason.empty() && symbol == rule.symbol;
}

// What the counter of the rule's place saw in the namespace and no trace there has yet.
std::uint64_t missing_traces(const Evidence& evidence, const Rule& rule, const model::Inode& netns,
                             const std::vector<Entry>& there) {
  std::uint64_t missing =
      evidence.timeline.rise(model::counter_id(rule.counter, {{"netns", netns}}));
  for (const auto& entry : there) {
    const bool trace = entry.witness.kind == WitnessKind::kTrace && entry.at.netns == netns;
    if (trace) missing -= std::min(missing, entry.witness.packets);
  }
  return missing;
}

// `packets` of the entry as an entry of the rule's place. The curve of the moved ones is the
// counter's.
Entry taken_off(const Evidence& evidence, const Rule& rule, Entry& entry, std::uint64_t packets) {
  Entry moved = entry;
  const auto& place = *knowledge::find_place(rule.place);
  moved.account = place.id;
  moved.stage = place.stage;
  moved.direction = place.direction;
  moved.klass = place.klass;
  moved.witness.packets = packets;
  entry.witness.packets -= packets;
  if (entry.witness.packets == 0) return moved;
  const auto* series =
      evidence.timeline.counter(model::counter_id(rule.counter, {{"netns", entry.at.netns}}));
  moved.series = model::rises(evidence.timeline, *series);
  for (size_t at = 0; at < std::min(entry.series.size(), moved.series.size()); ++at) {
    entry.series[at] -= std::min(entry.series[at], moved.series[at]);
  }
  return moved;
}

}  // namespace

void sort_by_counters(const Evidence& evidence, std::map<std::string, std::vector<Entry>>& places) {
  for (const auto& rule : kRules) {
    const auto taken_for = places.find(std::string(rule.taken_for));
    if (taken_for == places.end()) continue;
    for (auto& entry : taken_for->second) {
      if (!is_of(entry, rule)) continue;
      auto& there = places[std::string(rule.place)];
      const auto packets =
          std::min(entry.witness.packets, missing_traces(evidence, rule, entry.at.netns, there));
      if (packets > 0) there.push_back(taken_off(evidence, rule, entry, packets));
    }
    std::erase_if(taken_for->second, [](const Entry& entry) { return entry.witness.packets == 0; });
  }
}

}  // namespace diagnose
