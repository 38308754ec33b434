#include "diagnose/echoes.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "diagnose/driver_statistics.h"
#include "diagnose/qdiscs.h"
#include "knowledge/knowledge.h"

namespace diagnose {
namespace {

using knowledge::Where;
using model::Evidence;

using Rises = std::map<model::CounterId, std::uint64_t, std::less<>>;

// The names of the counters in which echoes can sound. The tables do not change: made once.
const std::set<std::string_view>& echo_names() {
  static const auto kNames = [] {
    std::set<std::string_view> names;
    for (const auto& row : knowledge::echoes()) names.insert(row.counter);
    for (const auto& row : knowledge::counters()) {
      if (row.role == knowledge::Role::kIncludes) names.insert(row.name);
    }
    return names;
  }();
  return kNames;
}

// Those counters, with how far each rose. Of a qdisc only what its children did not drop: it counts
// theirs again.
Rises echo_counters(const Evidence& evidence) {
  Rises rises;
  for (const auto& [id, series] : evidence.timeline.counters) {
    const std::uint64_t rise = model::increment(series).amount;
    if (rise == 0 || !echo_names().contains(model::counter_name(id))) continue;
    const bool of_qdisc = model::counter_name(id) == "qdisc.drops";
    rises[id] = of_qdisc ? own_drops(evidence, id) : rise;
  }
  return rises;
}

// Where packets of an account were dropped; a device "" stands for any of the namespace.
struct Spot {
  model::Inode netns;
  std::string dev;
  friend bool operator==(const Spot&, const Spot&) = default;
};

// One spot, or, where the counter of the place does not tell namespaces apart, one for each that
// the trace saw.
std::vector<Spot> spots_of(const Evidence& evidence, const Booked& booked) {
  const auto& at = booked.account.at;
  if (!at.netns.empty()) return {{at.netns, at.dev}};
  std::vector<Spot> spots;
  for (const auto index : booked.tallies) {
    const auto& tally = evidence.drops.tallies[index];
    const auto* device = model::find_device(evidence, tally.netns, tally.ifindex);
    Spot spot{tally.netns, device == nullptr ? "" : device->name};
    if (std::ranges::find(spots, spot) == spots.end()) spots.push_back(std::move(spot));
  }
  return spots;
}

// Whether a counter with these labels is where the echo row says, seen from the spot.
bool is_there(const Evidence& evidence, const Spot& spot, Where where, const std::string& netns,
              const std::string& dev) {
  if (spot.netns.empty() && model::traced_without_places(evidence)) return true;
  switch (where) {
    case Where::kHost:
      return true;
    case Where::kSameNetns:
      return netns == spot.netns;
    case Where::kSameDevice:
      return netns == spot.netns && (spot.dev.empty() || dev == spot.dev);
    case Where::kPeerDevice:
    case Where::kSenderNetns:
      break;
  }
  return std::ranges::any_of(evidence.devices, [&](const model::Device& device) {
    const bool own = device.netns == spot.netns && (spot.dev.empty() || device.name == spot.dev);
    if (!own || !device.peer) return false;
    const bool same_device =
        dev.empty() || where == Where::kSenderNetns || device.peer->name == dev;
    return device.peer->netns == netns && same_device;
  });
}

// Which IP version's packets a counter counts: 4, 6, or 0 for both.
int family_of_counter(std::string_view name) {
  if (name.starts_with("snmp6.")) return 6;
  const bool only_ipv4 = name.starts_with("snmp.Ip.") || name.starts_with("snmp.Icmp") ||
                         name.starts_with("snmp.Udp") || name.starts_with("netstat.IpExt.");
  return only_ipv4 ? 4 : 0;
}

// How many packets of the account a counter of this name can have heard: only those of its IP
// version, where the account's witnesses know that of every packet. The counter of the place has a
// say too: some IPv6 datagrams are counted with IPv4 (__first_packet_length).
std::uint64_t audible(const Evidence& evidence, const Booked& booked, std::string_view counter) {
  const int family = family_of_counter(counter);
  if (family == 0) return booked.account.packets;
  std::uint64_t known = 0;
  std::uint64_t ours = 0;
  for (const auto index : booked.tallies) {
    const auto& tally = evidence.drops.tallies[index];
    const int seen = tally.protocol == ETH_P_IP ? 4 : tally.protocol == ETH_P_IPV6 ? 6 : 0;
    known += seen == 0 ? 0 : tally.packets;
    ours += seen == family ? tally.packets : 0;
  }
  if (known < booked.account.packets) return booked.account.packets;
  std::uint64_t counted = 0;
  for (const auto& witness : booked.account.witnesses) {
    const bool same = witness.kind == model::WitnessKind::kCounter &&
                      family_of_counter(model::counter_name(witness.id)) == family;
    counted += same ? witness.packets : 0;
  }
  return std::min(booked.account.packets, std::max(ours, counted));
}

// Namespace and device, "" where it does not tell, of counters that heard an account where it is.
using Homes = std::set<std::pair<model::Inode, std::string>>;

// Names what the counters of one echo row heard of the account, and takes it off them.
void name_echo(const Evidence& evidence, const knowledge::Echo& row, Booked& booked,
               Rises& remaining, Homes& homes) {
  auto& account = booked.account;
  const auto spots = spots_of(evidence, booked);
  std::uint64_t left = audible(evidence, booked, row.counter);
  for (auto& [id, rise] : remaining) {
    if (model::counter_name(id) != row.counter || rise == 0 || left == 0) continue;
    const auto netns = model::counter_label(id, "netns");
    const auto dev = model::counter_label(id, "dev");
    const bool there = std::ranges::any_of(
        spots, [&](const Spot& spot) { return is_there(evidence, spot, row.where, netns, dev); });
    if (!there) continue;
    const std::uint64_t heard = std::min(rise, left);
    // What the account itself stands on is no echo of it.
    const bool own =
        std::ranges::find(account.witnesses, id, &model::Witness::id) != account.witnesses.end();
    if (!own) account.echoes.push_back({id, heard});
    if (row.where == Where::kSameNetns) homes.insert({netns, ""});
    if (row.where == Where::kSameDevice) homes.insert({netns, dev});
    rise -= heard;
    left -= heard;
  }
}

// An account whose trace tells no place is where its echoes sound, if that is one place.
void move_to(const Homes& homes, model::Place& at) {
  for (const auto& [netns, dev] : homes) {
    if (netns != homes.begin()->first) return;
  }
  at.netns = homes.begin()->first;
  std::set<std::string> devices;
  for (const auto& [netns, dev] : homes) {
    if (!dev.empty()) devices.insert(dev);
  }
  if (devices.size() == 1) at.dev = *devices.begin();
}

// What a driver counts by itself stands in the sum that its row names as well.
void name_echoes_of_drivers(const Evidence& evidence, Booked& booked, Rises& remaining,
                            Homes& homes) {
  std::set<std::string_view> sums;
  for (const auto& witness : booked.account.witnesses) {
    const auto* row = witness.id.empty() ? nullptr : row_of(evidence, witness.id);
    if (row != nullptr && !row->also.empty()) sums.insert(row->also);
  }
  for (const auto sum : sums) {
    const knowledge::Echo echo{booked.account.account, sum, Where::kSameDevice};
    name_echo(evidence, echo, booked, remaining, homes);
  }
}

// Echoes hang on the account's name and on the reasons of its traces.
void name_echoes_of(const Evidence& evidence, Booked& booked, Rises& remaining) {
  std::set<std::string> keys(booked.echo_keys.begin(), booked.echo_keys.end());
  keys.insert(booked.account.account);
  Homes homes;
  for (const auto& key : keys) {
    for (const auto& row : knowledge::echoes_of(key)) {
      name_echo(evidence, row, booked, remaining, homes);
    }
  }
  name_echoes_of_drivers(evidence, booked, remaining, homes);
  auto& at = booked.account.at;
  const bool moves = at.netns.empty() && model::traced_without_places(evidence);
  if (moves && !homes.empty()) move_to(homes, at);
}

Booked remainder(const Evidence& evidence, const model::CounterId& id,
                 const knowledge::Counter& row, std::uint64_t packets) {
  Booked booked;
  auto& account = booked.account;
  account.account = model::counter_name(id);
  account.stage = row.stage;
  account.direction = model::direction_of(row.stage);
  account.klass = model::Class::kUnknown;
  account.at.netns = model::counter_label(id, "netns");
  account.at.dev = model::counter_label(id, "dev");
  account.packets = packets;
  account.series = model::rises(evidence.timeline, *evidence.timeline.counter(id));
  account.witnesses.push_back({.kind = model::WitnessKind::kCounter,
                               .id = id,
                               .covers = model::Covers::kIncludes,
                               .unit = std::string(row.unit),
                               .packets = evidence.timeline.rise(id)});
  account.reconciliation.why = "what no other account covers of this counter";
  return booked;
}

}  // namespace

void name_echoes(const Evidence& evidence, std::vector<Booked>& booked) {
  Rises remaining = echo_counters(evidence);
  for (auto& one : booked) name_echoes_of(evidence, one, remaining);
  std::vector<Booked> remainders;
  for (const auto& [id, left] : remaining) {
    const auto* row = knowledge::find_counter(model::counter_name(id));
    if (row == nullptr || row->role != knowledge::Role::kIncludes) continue;
    const auto& wanted = evidence.window.interface;
    if (!wanted.empty() && model::counter_label(id, "dev") != wanted) continue;
    const auto per_interval = model::rises(evidence.timeline, *evidence.timeline.counter(id));
    if (left <= tolerance(evidence, per_interval)) continue;
    remainders.push_back(remainder(evidence, id, *row, left));
  }
  std::ranges::move(remainders, std::back_inserter(booked));
}

}  // namespace diagnose
