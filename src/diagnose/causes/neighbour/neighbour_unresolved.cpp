// neighbour.unresolved: packets waited for the link-layer address of their next hop, nobody told
// it, and they were dropped (NEIGH_FAILED at neigh_invalidate; for IPv6 without a reason). The
// kernel keeps no counter of it that a namespace can see.
//
// What matters is who does not answer: a gateway, so that everything behind it is cut off, or the
// destination itself, which is down, elsewhere, or not on this link at all.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/routing.h"
#include "diagnose/waiting.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes, model::Question::Kind::kNeighbours};

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  NextHop hop;
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] const Way& way() const { return ways.front(); }
  [[nodiscard]] bool is_ipv6() const { return !ways.empty() && way().is_ipv6(); }
  [[nodiscard]] const char* protocol() const { return is_ipv6() ? "neighbour discovery" : "ARP"; }
  [[nodiscard]] std::string who() const {
    if (hop.address.empty()) return "the next hop";
    return fmt::format("{}{}", hop.is_gateway ? "gateway " : "", hop.address);
  }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .ways = ways_of(one.evidence, one.booked)};
  if (!facts.ways.empty()) facts.hop = next_hop_of(one.evidence, facts.way());
  if (facts.hop.device.empty()) facts.hop.device = one.account().at.dev;
  return facts;
}

std::string cut_off_text(const Facts& facts) {
  if (facts.hop.address.empty()) {
    return "It is down, or has another address, port or VLAN now. Whether it is a gateway, so that "
           "everything behind it is cut off, could not be seen.";
  }
  if (facts.hop.is_gateway) {
    return fmt::format(
        "Everything that goes through this gateway is cut off, {} for one. It is down, has another "
        "address now, or the switch port or VLAN is wrong.",
        destinations_text(facts.ways));
  }
  return "It is down, has another address, sits behind another port or VLAN, or is not on this "
         "link at all: then the prefix of our own address is too wide.";
}

std::string why_text(const Facts& facts) {
  return fmt::format(
      "The kernel asked three times by {} who has {}{}, and nobody answered. What waited for the "
      "answer was dropped, about three seconds after it was sent. {}",
      facts.protocol(), facts.hop.address.empty() ? "the next hop's address" : facts.hop.address,
      facts.hop.device.empty() ? "" : fmt::format(", on {},", facts.hop.device),
      cut_off_text(facts));
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  if (facts.hop.neighbour != nullptr) {
    proofs.push_back({fmt::format("the neighbour table says of {} on {}: {}", facts.hop.address,
                                  facts.hop.device, facts.hop.neighbour->state),
                      "neighbour.state",
                      {}});
  }
  if (!facts.ways.empty()) {
    const auto& flow = *facts.way().sample->flow;
    proofs.push_back(
        {fmt::format("sampled: {} from {} port {} to {} port {}", flow.protocol, flow.source,
                     flow.source_port, flow.destination, flow.destination_port),
         "drops.samples",
         {}});
  }
  const auto overflowed = queue_overflow(facts.one.evidence, facts.netns());
  if (overflowed > 0) {
    proofs.push_back({fmt::format("{} more did not even find room to wait (neighbour.queue-full)",
                                  packets_text(overflowed)),
                      "NEIGH_QUEUEFULL", static_cast<double>(overflowed)});
  }
}

void rule_out(const Facts& facts, Explanation& explanation) {
  const auto& evidence = facts.one.evidence;
  const auto no_room = [](const model::DropTally& tally) {
    return tally.reason == "NEIGH_CREATEFAIL";
  };
  if (!evidence.drops.rung.empty() && std::ranges::none_of(evidence.drops.tallies, no_room)) {
    explanation.ruled_out.push_back(
        {"neighbour.table-full", "no entry was refused for want of room in the table"});
  }
  if (!facts.hop.address.empty()) {
    explanation.ruled_out.push_back(
        {"route.no-route",
         fmt::format("there is a route to {}, by {}{}", facts.way().destination, facts.hop.device,
                     facts.hop.is_gateway ? " and " + facts.who() : "")});
  }
}

void add_remedies(const Facts& facts, Explanation& explanation) {
  if (facts.hop.address.empty()) return;
  const auto& evidence = facts.one.evidence;
  model::Remedy ask{.id = "ask-neighbour", .kind = "print"};
  ask.command = command_in(
      evidence, facts.netns(),
      facts.is_ipv6() ? fmt::format("ndisc6 {} {}", facts.hop.address, facts.hop.device)
                      : fmt::format("arping -c 3 -I {} {}", facts.hop.device, facts.hop.address));
  ask.sized_from =
      "nothing: it shows whether anybody answers; if not, look at that host, the switch port and "
      "the VLAN";
  explanation.remedies.push_back(std::move(ask));
  model::Remedy way{.id = "show-route", .kind = "print"};
  way.command =
      command_in(evidence, facts.netns(), fmt::format("ip route get {}", facts.way().destination));
  way.sized_from = facts.hop.is_gateway
                       ? "nothing: it shows the route that names this gateway; correct it if the "
                         "gateway is another now"
                       : "nothing: it shows the prefix that puts this address on the link; correct "
                         "it if the address is not there";
  explanation.remedies.push_back(std::move(way));
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  explanation.confidence = facts.hop.is_unresolved() ? Confidence::kHigh : Confidence::kMedium;
  explanation.title = fmt::format(
      "{} lost: {} behind {} does not answer {}", packets_text(account.packets), facts.who(),
      facts.hop.device.empty() ? "a device" : facts.hop.device, facts.protocol());
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  add_remedies(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause neighbour_unresolved;
const Cause neighbour_unresolved = {
    .id = "neighbour.unresolved", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
