#include "diagnose/routing_places.h"

#include <algorithm>

#include "diagnose/routing.h"
#include "knowledge/knowledge.h"
#include "knowledge/places.h"

namespace diagnose {
namespace {

using model::Evidence;

constexpr std::string_view kNoRoute = "ip.no-route";
constexpr std::string_view kForwardingDisabled = "ip.forwarding-disabled";
constexpr std::string_view kBlackhole = "ip.blackhole-route";

// The function as the tables spell it, without what the compiler added.
std::string_view symbol_of(const model::DropTally& tally) {
  const auto* row = knowledge::find_function(tally.symbol, tally.reason);
  return row == nullptr ? std::string_view(tally.symbol) : row->symbol;
}

bool is_multicast(const std::string& address) {
  return address.starts_with("ff");
}

// Not ::/0, where many hosts keep one of the kernel's own.
bool is_ipv6_network(const model::SpecialRoute& route) {
  return route.destination.find(':') != std::string::npos && !route.destination.ends_with("/0");
}

bool has_ipv6_route_of(const Evidence& evidence, std::string_view type) {
  return std::ranges::any_of(evidence.special_routes, [&](const model::SpecialRoute& route) {
    return is_ipv6_network(route) && route.type == type;
  });
}

// The same as special_route_to, in any namespace where that of the packet is not known.
bool refuses(const Evidence& evidence, const model::Inode& netns, const std::string& destination,
             std::string_view type) {
  if (!netns.empty()) return special_route_to(evidence, netns, destination, type) != nullptr;
  return std::ranges::any_of(evidence.netns, [&](const model::Netns& one) {
    return special_route_to(evidence, one.id, destination, type) != nullptr;
  });
}

// Without a trace the counter of packets without a route is all there is, and it counts what such a
// route drops, too: where there is one, it is the better guess.
bool has_counted_ipv6_route(const Evidence& evidence, const model::Inode& netns) {
  return std::ranges::any_of(evidence.special_routes, [&](const model::SpecialRoute& route) {
    const bool counts = route.type == "unreachable" || route.type == "prohibit";
    return counts && route.netns == netns && is_ipv6_network(route);
  });
}

// ip6_pkt_discard ends what has no route, and, as "unreachable" routes are made of the same thing
// (ip6_rt_init_dst), what has one of those. Where the compiler made a jump of its call of
// ip6_pkt_drop (6.1), ip6_pkt_prohibit ends there too. Multicast that comes while a device is set
// up ends there as well, and is nobody's loss.
std::string_view place_without_route(const Evidence& evidence, std::uint32_t tally) {
  bool wanted = false;
  bool all_refused = true;
  const auto& netns = evidence.drops.tallies[tally].netns;
  const bool shared = symbol_of(evidence.drops.tallies[tally]) == "ip6_pkt_drop";
  for (const auto& sample : evidence.drops.samples) {
    if (sample.tally != tally || !sample.flow || is_multicast(sample.flow->destination)) continue;
    wanted = true;
    const auto& destination = sample.flow->destination;
    all_refused &= refuses(evidence, netns, destination, "unreachable") ||
                   (shared && refuses(evidence, netns, destination, "prohibit"));
  }
  if (!wanted && model::traced_without_places(evidence)) {
    const bool refused = has_ipv6_route_of(evidence, "unreachable") ||
                         (shared && has_ipv6_route_of(evidence, "prohibit"));
    return refused ? kBlackhole : kNoRoute;
  }
  if (!wanted) return "";
  return all_refused ? kBlackhole : kNoRoute;
}

bool forwards_ipv6(const Evidence& evidence, const model::Inode& netns) {
  return model::number_setting(
             evidence, model::counter_id("sysctl.net.ipv6.conf.all.forwarding", {{"netns", netns}}))
             .value_or(0) != 0;
}

// Whether ip6_forward ends there what it was handed; where the namespace is not known, whether one
// that does not forward counted such packets.
bool meets_a_closed_switch(const Evidence& evidence, const model::Inode& netns) {
  if (!netns.empty()) return !forwards_ipv6(evidence, netns);
  return std::ranges::any_of(evidence.netns, [&](const model::Netns& one) {
    const auto id = model::counter_id("snmp6.Ip6InAddrErrors", {{"netns", one.id}});
    return !forwards_ipv6(evidence, one.id) && evidence.timeline.rise(id) > 0;
  });
}

bool is_ipv6_discard(std::string_view symbol) {
  return symbol == "ip6_pkt_discard" || symbol == "ip6_pkt_drop";
}

Entry counted(std::string_view place_id, const model::Inode& netns, model::CounterId id,
              std::uint64_t packets, bool exact) {
  const auto* place = knowledge::find_place(place_id);
  Entry entry;
  entry.account = place->id;
  entry.stage = place->stage;
  entry.direction = place->direction;
  entry.klass = place->klass;
  entry.at.netns = netns;
  entry.witness.id = std::move(id);
  entry.witness.covers = exact ? model::Covers::kExact : model::Covers::kIncludes;
  entry.witness.packets = packets;
  return entry;
}

// What Ip6InNoRoutes counted in this namespace and is booked elsewhere by the trace.
std::uint64_t elsewhere_without_route(const Evidence& evidence, const model::Inode& netns) {
  const bool places_unknown = model::traced_without_places(evidence);
  std::uint64_t packets = 0;
  for (std::uint32_t at = 0; at < evidence.drops.tallies.size(); ++at) {
    const auto& tally = evidence.drops.tallies[at];
    const auto symbol = symbol_of(tally);
    const bool prohibited = symbol == "ip6_pkt_prohibit";
    const bool here = tally.netns == netns || (tally.netns.empty() && places_unknown);
    if (!here || !(prohibited || is_ipv6_discard(symbol))) continue;
    if (prohibited || routing_place(evidence, at) != kNoRoute) packets += tally.packets;
  }
  return packets;
}

}  // namespace

std::string_view routing_place(const Evidence& evidence, std::uint32_t tally) {
  const auto& drop = evidence.drops.tallies[tally];
  const auto symbol = symbol_of(drop);
  if (is_ipv6_discard(symbol)) return place_without_route(evidence, tally);
  // dst_discard, for received packets, is dst_discard_out inlined.
  if (symbol == "dst_discard_out" && !drop.made_here) return kBlackhole;
  // Before it gave IP_INADDRERRORS (6.12 has none), ip6_forward said nothing.
  const bool silent = drop.reason.empty() || drop.reason == "NOT_SPECIFIED";
  if (symbol == "ip6_forward" && silent && meets_a_closed_switch(evidence, drop.netns)) {
    return kForwardingDisabled;
  }
  return "";
}

std::vector<Entry> ipv6_routing_entries(const Evidence& evidence) {
  std::vector<Entry> entries;
  for (const auto& netns : evidence.netns) {
    const auto id = [&](std::string_view name) {
      return model::counter_id(name, {{"netns", netns.id}});
    };
    const bool forwards = forwards_ipv6(evidence, netns.id);
    auto no_routes = id("snmp6.Ip6InNoRoutes");
    const auto missing = evidence.timeline.rise(no_routes);
    const auto elsewhere = missing == 0 ? 0 : elsewhere_without_route(evidence, netns.id);
    // At a host that does not forward, only the samples tell it from noise.
    if (missing > elsewhere && (forwards || !evidence.drops.rung.empty())) {
      const bool guess = evidence.drops.rung.empty() && has_counted_ipv6_route(evidence, netns.id);
      entries.push_back(counted(guess ? kBlackhole : kNoRoute, netns.id, std::move(no_routes),
                                missing - elsewhere, elsewhere == 0));
    }
    auto address_errors = id("snmp6.Ip6InAddrErrors");
    const auto refused = evidence.timeline.rise(address_errors);
    if (refused > 0 && !forwards) {
      entries.push_back(
          counted(kForwardingDisabled, netns.id, std::move(address_errors), refused, true));
    }
  }
  return entries;
}

}  // namespace diagnose
