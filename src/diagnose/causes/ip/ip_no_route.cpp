// ip.no-route: a packet was received for a network to which there is no route (IpExt InNoRoutes,
// Ip6InNoRoutes; IP_INNOROUTES at ip_error or ip6_pkt_discard). IPv4 asks for a route only where it
// forwards; IPv6 asks first, so that a host which does not forward loses packets here too.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/routing.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes};

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  bool forwards = true;
  // For IPv6 a route that says "unreachable" ends packets at the same place as none.
  bool may_be_a_decision = false;
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] const Way& way() const { return ways.front(); }
  [[nodiscard]] const model::RouteLookup* lookup() const {
    return ways.empty() ? nullptr : way().as_received;
  }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .ways = ways_of(one.evidence, one.booked)};
  if (facts.ways.empty() || !facts.way().is_ipv6()) return facts;
  const auto forwarding = model::number_setting(
      one.evidence,
      model::counter_id("sysctl.net.ipv6.conf.all.forwarding", {{"netns", facts.netns()}}));
  facts.forwards = forwarding.value_or(1) != 0;
  facts.may_be_a_decision =
      std::ranges::none_of(one.evidence.route_lookups,
                           [&](const auto& lookup) { return lookup.netns == facts.netns(); });
  return facts;
}

std::string why_text(const Facts& facts) {
  if (!facts.forwards) {
    return fmt::format(
        "{} is not an address of this namespace, which has no IPv6 route there and does not "
        "forward either. It lost the address, or a neighbour has the wrong next hop.",
        destinations_text(facts.ways));
  }
  const auto where = facts.ways.empty() ? "other networks" : destinations_text(facts.ways);
  if (leads_on(facts.lookup())) {
    return fmt::format(
        "This namespace forwards and had no route to {} when the packets came. Asked now, it has "
        "one: routes come and go.",
        where);
  }
  if (facts.may_be_a_decision) {
    return fmt::format(
        "There was no route to {}, or one that says \"unreachable\", which would be a decision: "
        "IPv6 ends both at the same place, and the routes of this namespace could not be read.",
        where);
  }
  return fmt::format(
      "This namespace forwards, and none of its routes leads to {}; there is no default route "
      "either. The sender was told by ICMP, as far as the rate limit allows.",
      where);
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  if (facts.ways.empty()) return;
  explanation.evidence.push_back(sampled_proof(facts.ways));
  if (const auto* answer = facts.lookup()) {
    explanation.evidence.push_back(
        {fmt::format("asked for the way of such a packet, the kernel says {}",
                     answer->error.empty() ? "type " + answer->type : answer->error),
         "route.lookup",
         {}});
  }
}

void rule_out(const Facts& facts, Explanation& explanation) {
  const auto& evidence = facts.one.evidence;
  const auto still = [&](std::string_view name) {
    return stood_still(evidence, name, facts.netns());
  };
  if (still("snmp.Ip.InAddrErrors")) {
    explanation.ruled_out.push_back({"ip.forwarding-disabled", "InAddrErrors did not move"});
  }
  if (facts.lookup() == nullptr) return;
  const auto* special = special_route_to(evidence, facts.netns(), facts.way().destination);
  if (special == nullptr) {
    explanation.ruled_out.push_back(
        {"ip.blackhole-route",
         "no blackhole, prohibit or unreachable route covers " + facts.way().destination});
  }
}

model::Remedy show_way(const Facts& facts) {
  model::Remedy remedy{.id = "show-route", .kind = "print"};
  remedy.command = route_get(facts.one.evidence, facts.way());
  remedy.sized_from = "nothing: it asks as the sampled packet asked";
  return remedy;
}

// Where to send them nobody can measure here.
model::Remedy add_route(const Facts& facts) {
  const auto& way = facts.way();
  model::Remedy remedy{.id = "route.add", .kind = "print"};
  const auto command = [&](std::string_view verb) {
    return command_in(facts.one.evidence, facts.netns(),
                      fmt::format("ip route {} {}/{} via NEXT-HOP", verb, way.destination,
                                  way.is_ipv6() ? 128 : 32));
  };
  remedy.command = command("add");
  remedy.sized_from =
      "the sampled destination; widen it to the network, or give a default route, and fill in the "
      "next hop";
  remedy.risk = "a next hop that sends the packets back makes a routing loop";
  remedy.undo = command("del");
  remedy.verify = "whydrop diagnose: InNoRoutes stands still";
  return remedy;
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  const bool confirmed = facts.lookup() != nullptr && facts.lookup()->error == "ENETUNREACH";
  explanation.confidence = confirmed                 ? Confidence::kHigh
                           : facts.may_be_a_decision ? Confidence::kLow
                                                     : Confidence::kMedium;
  explanation.title =
      fmt::format("{} for {} dropped: no route there", packets_text(account.packets),
                  facts.ways.empty() ? "other networks" : destinations_text(facts.ways));
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  if (!facts.ways.empty()) {
    explanation.remedies.push_back(show_way(facts));
    const bool missing = facts.forwards && !facts.may_be_a_decision && !leads_on(facts.lookup());
    if (missing) explanation.remedies.push_back(add_route(facts));
  }
  return explanation;
}

}  // namespace

extern const Cause ip_no_route;
const Cause ip_no_route = {.id = "ip.no-route", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
