#include "diagnose/sort_by_counters.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>

#include <fmt/format.h>

#include "diagnose/qdiscs.h"
#include "knowledge/places.h"

namespace diagnose {
namespace {

using model::Evidence;
using model::WitnessKind;
using Places = std::map<std::string, std::vector<Entry>>;

constexpr std::string_view kFilterDrop = "tc-ingress.filter-drop";
constexpr std::string_view kEmulatedLoss = "qdisc.emulated-loss";
constexpr std::string_view kQueueFull = "qdisc.queue-full";
constexpr std::string_view kDeviceDown = "link.device-down";
constexpr std::string_view kUnknownList = "unknown@kfree_skb_list";

// Frames above the one that freed, among which its caller is.
constexpr auto kNearFrames = 4;

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
    // ip_error counts both; what it ends without a count met a blackhole, prohibit or unreachable
    // route (net/ipv4/route.c).
    {"ip_error", "ip.blackhole-route", "snmp.Ip.InAddrErrors", "ip.forwarding-disabled"},
    {"ip_error", "ip.blackhole-route", "netstat.IpExt.InNoRoutes", "ip.no-route"},
    {"ip_rcv_finish_core", "multicast.not-joined", "netstat.TcpExt.IPReversePathFilter",
     "ip.reverse-path-filter"},
});

// Without "+0x4a" and without what the compiler added (".constprop.0").
std::string_view symbol_of(const Entry& entry) {
  return std::string_view(entry.witness.location)
      .substr(0, entry.witness.location.find_first_of("+."));
}

bool is_of(const Entry& entry, std::string_view symbol) {
  const auto& witness = entry.witness;
  return witness.kind == WitnessKind::kTrace && witness.reason.empty() &&
         symbol_of(entry) == symbol;
}

// In the namespace; in all of them where it is not known.
std::uint64_t rise_in(const Evidence& evidence, std::string_view counter,
                      const model::Inode& netns) {
  if (!netns.empty()) return evidence.timeline.rise(model::counter_id(counter, {{"netns", netns}}));
  std::uint64_t sum = 0;
  for (const auto& one : evidence.netns) {
    sum += evidence.timeline.rise(model::counter_id(counter, {{"netns", one.id}}));
  }
  return sum;
}

// What no trace at the same spot has yet.
std::uint64_t without_traces(std::uint64_t packets, const Entry& spot,
                             const std::vector<Entry>& there) {
  for (const auto& entry : there) {
    const bool same =
        entry.at.netns == spot.at.netns && (spot.at.dev.empty() || entry.at.dev == spot.at.dev);
    if (!same || entry.witness.kind != WitnessKind::kTrace) continue;
    packets -= std::min(packets, entry.witness.packets);
  }
  return packets;
}

// `packets` of the entry as an entry of another place. Where the counter of that place is known,
// the curve of the moved ones is the counter's.
Entry taken_off(const Evidence& evidence, std::string_view place_id, Entry& entry,
                std::uint64_t packets, const model::Series* series = nullptr) {
  Entry moved = entry;
  const auto& place = *knowledge::find_place(place_id);
  moved.account = place.id;
  moved.stage = place.stage;
  moved.direction = place.direction;
  moved.klass = place.klass;
  moved.witness.packets = packets;
  entry.witness.packets -= packets;
  if (entry.witness.packets == 0 || series == nullptr) return moved;
  moved.series = model::rises(evidence.timeline, *series);
  for (size_t at = 0; at < std::min(entry.series.size(), moved.series.size()); ++at) {
    entry.series[at] -= std::min(entry.series[at], moved.series[at]);
  }
  return moved;
}

void sort_by_rules(const Evidence& evidence, Places& places) {
  for (const auto& rule : kRules) {
    const auto taken_for = places.find(std::string(rule.taken_for));
    if (taken_for == places.end()) continue;
    // A data segment is likelier to have a wrong checksum, or to wait for a busy socket, than a
    // SYN.
    const auto opens = [&](const Entry& entry) {
      return entry.tally && evidence.drops.tallies[*entry.tally].opens_connection;
    };
    std::ranges::stable_sort(taken_for->second, {}, opens);
    for (auto& entry : taken_for->second) {
      if (!is_of(entry, rule.symbol)) continue;
      auto& there = places[std::string(rule.place)];
      const auto counted = rise_in(evidence, rule.counter, entry.at.netns);
      const auto packets = std::min(entry.witness.packets, without_traces(counted, entry, there));
      if (packets == 0) continue;
      const auto* series =
          evidence.timeline.counter(model::counter_id(rule.counter, {{"netns", entry.at.netns}}));
      there.push_back(taken_off(evidence, rule.place, entry, packets, series));
    }
  }
}

// What is left of what no TCP socket took: a segment that asks for no connection belongs to one
// that is gone.
void sort_by_flags(const Evidence& evidence, Places& places) {
  if (model::traced_without_places(evidence)) return;  // flags are not seen there
  std::vector<Entry> moved;
  for (auto& entry : places["tcp.no-listener"]) {
    const bool reasonless = entry.tally && entry.witness.reason.empty();
    if (!reasonless || evidence.drops.tallies[*entry.tally].opens_connection) continue;
    moved.push_back(entry);
    moved.back().klass = model::Class::kNoise;
    moved.back().account = fmt::format("noise@{}", symbol_of(entry));
    entry.witness.packets = 0;
  }
  for (auto& entry : moved) places[entry.account].push_back(std::move(entry));
}

// What the qdiscs of the entry's device dropped, by place; of all devices where it is not known.
std::map<std::string_view, std::uint64_t> dropped_by_qdiscs(const Evidence& evidence,
                                                            const Entry& entry) {
  constexpr std::string_view kDrops = "qdisc.drops{";
  std::map<std::string_view, std::uint64_t> places;
  const auto& counters = evidence.timeline.counters;
  for (auto at = counters.lower_bound(kDrops); at != counters.end(); ++at) {
    const auto& id = at->first;
    if (!id.starts_with(kDrops)) break;
    const auto& [netns, dev] = std::pair(entry.at.netns, entry.at.dev);
    if (!netns.empty() && model::counter_label(id, "netns") != netns) continue;
    if (!dev.empty() && model::counter_label(id, "dev") != dev) continue;
    const auto kind = model::counter_label(id, "kind");
    const bool filters = kind == "clsact" || kind == "ingress";
    const auto place = filters ? kFilterDrop : (kind == "netem" ? kEmulatedLoss : kQueueFull);
    places[place] += own_drops(evidence, id);
  }
  return places;
}

// Devices that something may be sent through, and that cannot pass it on. Where one counted a drop
// itself, that one (6.12 counts what its noop qdisc drops, 6.1 does not).
std::vector<const model::Device*> dead_devices(const Evidence& evidence) {
  std::vector<const model::Device*> dead;
  bool counted = false;
  for (const auto& device : evidence.devices) {
    const bool is_used = !device.addresses.empty() || !device.master.empty();
    if (!is_used || !lost_to_a_dead_device(evidence, device.netns, device.name)) continue;
    const auto id =
        model::counter_id("link.tx_dropped", {{"dev", device.name}, {"netns", device.netns}});
    const bool counts = evidence.timeline.rise(id) > 0;
    if (counts && !counted) dead.clear();
    counted |= counts;
    if (counts == counted) dead.push_back(&device);
  }
  return dead;
}

// What no qdisc counted of what was dropped on its way out of no known device met one without
// carrier, whose qdisc (noop) keeps no count.
void take_for_dead_device(const Evidence& evidence, Entry& entry, std::uint64_t uncounted,
                          const auto& take) {
  const auto dead = dead_devices(evidence);
  if (uncounted == 0 || dead.empty()) return;
  const auto at = entry.at;
  if (dead.size() == 1) {
    entry.at.netns = dead.front()->netns;
    entry.at.dev = dead.front()->name;
  }
  take(entry, kDeviceDown, uncounted);
  entry.at = at;
}

// Drops with the reason of a full queue, of no known device. What netem's counters hold was
// netem's.
void sort_untold_device(const Evidence& evidence, Entry& entry, const auto& take) {
  auto counted = dropped_by_qdiscs(evidence, entry);
  take(entry, kEmulatedLoss, counted[kEmulatedLoss]);
  const auto in_queues = std::min(entry.witness.packets, counted[kQueueFull]);
  take_for_dead_device(evidence, entry, entry.witness.packets - in_queues, take);
}

// Whether all sampled packets of the entry were freed by the sending of a packet itself.
bool is_freed_by_sending(const Evidence& evidence, const Entry& entry) {
  const auto& samples = evidence.drops.samples;
  const auto is_ours = [&](const model::DropSample& sample) { return sample.tally == entry.tally; };
  const auto sends = [&](const model::DropSample& sample) {
    return !is_ours(sample) || std::ranges::any_of(sample.stack | std::views::take(kNearFrames),
                                                   [](std::string_view frame) {
                                                     return frame.starts_with("__dev_queue_xmit+");
                                                   });
  };
  return std::ranges::any_of(samples, is_ours) && std::ranges::all_of(samples, sends);
}

// Where a qdisc or its filters dropped, only its counter tells that from the noise of the same
// function: what __dev_queue_xmit and sch_handle_ingress free is in kfree_skb_list and in
// __netif_receive_skb_core.
void sort_by_qdiscs(const Evidence& evidence, Places& places) {
  std::vector<Entry> moved;
  const auto take = [&](Entry& entry, std::string_view place, std::uint64_t counted) {
    const auto free = without_traces(counted, entry, places[std::string(place)]);
    const auto packets = std::min(entry.witness.packets, free);
    if (packets > 0) moved.push_back(taken_off(evidence, place, entry, packets));
  };
  for (auto& entry : places["link.unknown-protocol"]) {
    if (!is_of(entry, "__netif_receive_skb_core")) continue;
    take(entry, kFilterDrop, dropped_by_qdiscs(evidence, entry)[kFilterDrop]);
  }
  for (auto& entry : places["noise@kfree_skb_list"]) {
    if (!is_of(entry, "kfree_skb_list")) continue;
    for (const auto& [place, packets] : dropped_by_qdiscs(evidence, entry)) {
      if (place != kFilterDrop) take(entry, place, packets);
    }
    const bool dead =
        !entry.at.dev.empty() && lost_to_a_dead_device(evidence, entry.at.netns, entry.at.dev);
    if (dead) take(entry, kDeviceDown, entry.witness.packets);
    if (!is_freed_by_sending(evidence, entry)) continue;
    if (entry.at.netns.empty()) {
      take_for_dead_device(evidence, entry, entry.witness.packets, take);
    }
    // What is left was dropped all the same: no part of a packet that was done with.
    entry.account = kUnknownList;
    entry.klass = model::Class::kUnknown;
    moved.push_back(entry);
    entry.witness.packets = 0;
  }
  for (auto& entry : places[std::string(kQueueFull)]) {
    const bool traced = entry.witness.kind == WitnessKind::kTrace;
    const bool untold = entry.at.netns.empty() && model::traced_without_places(evidence);
    if (traced && untold) sort_untold_device(evidence, entry, take);
  }
  for (auto& entry : moved) {
    if (entry.account == kDeviceDown) entry.direction = model::Direction::kSend;
    places[entry.account].push_back(std::move(entry));
  }
}

}  // namespace

void sort_by_counters(const Evidence& evidence, Places& places) {
  sort_by_rules(evidence, places);
  sort_by_flags(evidence, places);
  sort_by_qdiscs(evidence, places);
  for (auto at = places.begin(); at != places.end();) {
    std::erase_if(at->second, [](const Entry& entry) { return entry.witness.packets == 0; });
    at = at->second.empty() ? places.erase(at) : std::next(at);
  }
}

}  // namespace diagnose
