// ip.ttl-expired: a packet that this host forwards had no hop left (IP_INHDR at ip_forward or
// ip6_forward; in InHdrErrors), and the sender was told by ICMP. Every such packet has a TTL of 1
// where it dies, so the TTL does not tell a routing loop from a sender that started too low or a
// traceroute. Its way does: in a loop it goes back to where it came from, or it came in by a device
// that does not lead to its source, because it had been round already.

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/routing.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes};

enum class Loop { kUnknown, kNone, kBack, kRound };

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  Loop loop = Loop::kUnknown;
  std::string next_device;
  std::string next_hop;
  std::string source_device;
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] const Way& way() const { return ways.front(); }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .ways = ways_of(one.evidence, one.booked)};
  if (facts.ways.empty() || facts.way().as_received == nullptr) return facts;
  const auto& way = facts.way();
  if (!leads_on(way.as_received)) return facts;
  facts.next_device = device_name(one.evidence, facts.netns(), way.as_received->ifindex);
  facts.next_hop = way.as_received->gateway.empty() ? way.destination : way.as_received->gateway;
  if (way.as_received->ifindex == way.from_ifindex) {
    facts.loop = Loop::kBack;
    return facts;
  }
  if (!leads_on(way.back)) return facts;
  facts.source_device = device_name(one.evidence, facts.netns(), way.back->ifindex);
  facts.loop = way.back->ifindex == way.from_ifindex ? Loop::kNone : Loop::kRound;
  return facts;
}

std::string what_text(const Facts& facts) {
  switch (facts.loop) {
    case Loop::kBack:
      return "a routing loop";
    case Loop::kRound:
      return "probably a routing loop";
    case Loop::kNone:
      return "too low a TTL at the sender, or a traceroute";
    case Loop::kUnknown:
      break;
  }
  return "a routing loop, or too low a TTL at the sender";
}

std::string why_text(const Facts& facts) {
  switch (facts.loop) {
    case Loop::kBack:
      return fmt::format(
          "Packets for {} come in by {}, and this router's route sends them back to where it came "
          "from: by {} to {}. There they are sent here again, until no hop is left. One of the two "
          "routes is wrong.",
          facts.way().destination, facts.way().from_device, facts.next_device, facts.next_hop);
    case Loop::kRound:
      return fmt::format(
          "Packets from {} come in by {}, but their source is behind {}: they have been round. "
          "This router sends them on by {} to {}; somewhere behind it they are sent back here.",
          facts.way().source, facts.way().from_device, facts.source_device, facts.next_device,
          facts.next_hop);
    case Loop::kNone:
      return fmt::format(
          "The packets come from the side where their source is and would go on by {} to {}: there "
          "is no loop here. They had no hop left when they came: the sender starts with too low a "
          "TTL, the path before this router is too long, or it is a traceroute.",
          facts.next_device, facts.next_hop);
    case Loop::kUnknown:
      break;
  }
  return "Packets had no hop left where this host should forward them: they turn in a routing "
         "loop, "
         "their sender starts with too low a TTL, or it is a traceroute. Their way could not be "
         "asked for.";
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  if (facts.ways.empty()) return;
  const auto& way = facts.way();
  auto& proofs = explanation.evidence;
  proofs.push_back(sampled_proof(facts.ways));
  if (!facts.next_device.empty()) {
    proofs.push_back({fmt::format("asked for the way of such a packet, the kernel says device {}, "
                                  "next hop {}",
                                  facts.next_device, facts.next_hop),
                      "route.lookup",
                      {}});
  }
  if (!facts.source_device.empty()) {
    proofs.push_back({fmt::format("asked for the way back to {}, the kernel says device {}",
                                  way.source, facts.source_device),
                      "route.lookup",
                      {}});
  }
  const auto counter =
      model::counter_id(way.is_ipv6() ? "snmp6.Ip6OutForwDatagrams" : "snmp.Ip.ForwDatagrams",
                        {{"netns", facts.netns()}});
  if (facts.one.evidence.timeline.counter(counter) == nullptr) return;
  const auto forwarded = facts.one.evidence.timeline.rise(counter);
  proofs.push_back({fmt::format("{} were forwarded here meanwhile", packets_text(forwarded)),
                    counter, static_cast<double>(forwarded)});
}

void rule_out(const Facts& facts, Explanation& explanation) {
  if (facts.loop == Loop::kUnknown) return;
  explanation.ruled_out.push_back(
      {"ip.no-route", fmt::format("there is a route, by {}", facts.next_device)});
  explanation.ruled_out.push_back(
      {"ip.header-error",
       "the header was sound: the packet was freed where it is forwarded, after "
       "its header had been checked"});
}

model::Remedy show_way(const Facts& facts) {
  model::Remedy remedy{.id = "show-route", .kind = "print"};
  remedy.command = route_get(facts.one.evidence, facts.way());
  if (facts.loop == Loop::kBack) {
    remedy.sized_from = fmt::format(
        "nothing: ask the same of {}, which sends it here, and correct the route that is wrong",
        facts.next_hop);
  } else if (facts.loop == Loop::kRound) {
    remedy.sized_from = fmt::format(
        "nothing: ask the same of {}, and of each next one, until one sends it back here",
        facts.next_hop);
  } else {
    remedy.sized_from = "nothing: it shows this router's part of the way";
  }
  return remedy;
}

model::Remedy raise_ttl(const Facts& facts) {
  model::Remedy remedy{.id = "sender.ttl", .kind = "print"};
  remedy.command = facts.way().is_ipv6() ? "sysctl net.ipv6.conf.all.hop_limit"
                                         : "sysctl net.ipv4.ip_default_ttl";
  remedy.sized_from = fmt::format(
      "nothing: at the sender {}, it shows what packets start with (64 is usual); an application "
      "can set its own (IP_TTL, IPV6_UNICAST_HOPS)",
      facts.way().source);
  return remedy;
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  // A traceroute ends a few packets at every router; that is what it is for.
  const bool few = refusal_severity(one.evidence, account) == model::Severity::kNotice;
  const bool no_loop = facts.loop == Loop::kNone || facts.loop == Loop::kUnknown;
  if (no_loop && few) explanation.severity = model::Severity::kNotice;
  explanation.confidence = facts.loop == Loop::kBack      ? Confidence::kHigh
                           : facts.loop == Loop::kUnknown ? Confidence::kLow
                                                          : Confidence::kMedium;
  explanation.title = fmt::format(
      "{} for {} dropped at the end of their TTL: {}", packets_text(account.packets),
      facts.ways.empty() ? "other networks" : destinations_text(facts.ways), what_text(facts));
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  if (!facts.ways.empty()) {
    explanation.remedies.push_back(show_way(facts));
    if (facts.loop == Loop::kNone) explanation.remedies.push_back(raise_ttl(facts));
  }
  return explanation;
}

}  // namespace

extern const Cause ip_ttl_expired;
const Cause ip_ttl_expired = {.id = "ip.ttl-expired", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
