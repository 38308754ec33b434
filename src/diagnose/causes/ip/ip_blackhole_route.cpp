// ip.blackhole-route: a received packet met a route of type blackhole, prohibit or unreachable. For
// IPv4 no counter moves (ip_error counts only what has no route): the trace alone sees it, without
// a reason. Which type it was, and which route, the kernel says when it is asked for the way.

#include <array>

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/routing.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes};

// fib_props in net/ipv4/fib_semantics.c, ip6_rt_type_to_error in net/ipv6/route.c.
std::string_view type_of_error(std::string_view error) {
  if (error == "EINVAL") return "blackhole";
  if (error == "EACCES") return "prohibit";
  if (error == "EHOSTUNREACH") return "unreachable";
  return "";
}

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  std::string_view type;  // "" where it is not known
  const model::SpecialRoute* route = nullptr;
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] const Way& way() const { return ways.front(); }
  [[nodiscard]] std::string route_text() const {
    return fmt::format("{} route to {}", route->type, route->destination);
  }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .ways = ways_of(one.evidence, one.booked)};
  if (facts.ways.empty()) return facts;
  const auto* answer = facts.way().as_received;
  if (answer != nullptr) facts.type = type_of_error(answer->error);
  const bool asked_in_vain = answer != nullptr && facts.type.empty();
  if (asked_in_vain) return facts;
  facts.route = special_route_to(one.evidence, facts.netns(), facts.way().destination, facts.type);
  return facts;
}

std::string told_text(std::string_view type) {
  if (type == "prohibit") return "the sender is told by ICMP that it is forbidden";
  if (type == "unreachable") return "the sender is told by ICMP that the host cannot be reached";
  return "the sender is not told";
}

std::string why_text(const Facts& facts) {
  if (facts.route != nullptr) {
    return fmt::format(
        "The {} in table {} says that such packets are to be dropped; {}. Somebody, or a routing "
        "daemon, put it there; it is no failure of this host.",
        facts.route_text(), facts.route->table, told_text(facts.route->type));
  }
  if (!facts.type.empty()) {
    return fmt::format(
        "The kernel answers as a route of type {} does, but none covers {}: a policy rule (ip "
        "rule) of that type, or a route that came and went.",
        facts.type, facts.way().destination);
  }
  return "The packet met a blackhole, prohibit or unreachable route, which the kernel does not "
         "count; which one was not found.";
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  if (facts.ways.empty()) return;
  const auto& way = facts.way();
  auto& proofs = explanation.evidence;
  proofs.push_back(sampled_proof(facts.ways));
  if (way.as_received != nullptr) {
    const auto* answer = way.as_received;
    const auto said = answer->error.empty() ? "type " + answer->type : answer->error;
    proofs.push_back({fmt::format("asked for the way of such a packet, the kernel says {}{}", said,
                                  facts.type.empty() ? "" : fmt::format(": {}", facts.type)),
                      "route.lookup",
                      {}});
  }
  if (facts.route != nullptr) {
    proofs.push_back({fmt::format("table {} holds the {}, which covers {}", facts.route->table,
                                  facts.route_text(), way.destination),
                      "route.special",
                      {}});
  }
}

void rule_out(const Facts& facts, Explanation& explanation) {
  const auto& evidence = facts.one.evidence;
  const auto rule = [&](const char* cause, const char* name, const char* text) {
    if (stood_still(evidence, name, facts.netns())) explanation.ruled_out.push_back({cause, text});
  };
  rule("ip.no-route", "netstat.IpExt.InNoRoutes", "InNoRoutes did not move");
  rule("ip.forwarding-disabled", "snmp.Ip.InAddrErrors", "InAddrErrors did not move");
}

model::Remedy show_routes(const Facts& facts) {
  const auto family = !facts.ways.empty() && facts.way().is_ipv6() ? "-6 " : "";
  const auto type = facts.type.empty() ? std::string_view("blackhole") : facts.type;
  model::Remedy remedy{.id = "show-special-routes", .kind = "print"};
  remedy.command = command_in(facts.one.evidence, facts.netns(),
                              fmt::format("ip {}route show table all type {}", family, type));
  remedy.sized_from = "nothing: it shows who is meant; ip rule shows the rules of the same effect";
  return remedy;
}

model::Remedy remove_route(const Facts& facts) {
  const auto& route = *facts.route;
  const auto command = [&](std::string_view verb) {
    return command_in(
        facts.one.evidence, facts.netns(),
        fmt::format("ip {}route {} {} {} table {}{}", facts.way().is_ipv6() ? "-6 " : "", verb,
                    route.type, route.destination, route.table,
                    route.metric == 0 ? "" : fmt::format(" metric {}", route.metric)));
  };
  model::Remedy remedy{.id = "route.remove", .kind = "print", .command = command("del")};
  remedy.sized_from =
      fmt::format("it is the most specific such route that covers {}", facts.way().destination);
  remedy.risk =
      "only if it is not wanted: it may keep an attack out, or packets from turning in a loop. A "
      "routing daemon that made it makes it again.";
  remedy.undo = command("add");
  remedy.verify = route_get(facts.one.evidence, facts.way());
  return remedy;
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  const bool certain = facts.route != nullptr && !facts.type.empty();
  const bool guessed = facts.route == nullptr && facts.type.empty();
  explanation.confidence = certain   ? Confidence::kHigh
                           : guessed ? Confidence::kLow
                                     : Confidence::kMedium;
  explanation.title =
      fmt::format("{} for {} dropped by {}", packets_text(account.packets),
                  facts.ways.empty() ? "other networks" : destinations_text(facts.ways),
                  facts.route != nullptr ? "the " + facts.route_text() : "a route that says so");
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  explanation.remedies.push_back(show_routes(facts));
  if (facts.route != nullptr) explanation.remedies.push_back(remove_route(facts));
  return explanation;
}

}  // namespace

extern const Cause ip_blackhole_route;
const Cause ip_blackhole_route = {.id = "ip.blackhole-route", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
