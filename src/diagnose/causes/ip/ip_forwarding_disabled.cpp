// ip.forwarding-disabled: a packet came for an address that is not this host's, and this host does
// not forward (Ip InAddrErrors, Ip6InAddrErrors; IP_INADDRERRORS at ip_error or ip6_forward).
//
// The question is first why the packet came here at all. Either this is meant to be a router: then
// it knows a way on, by another device. Or the address should be here and is not (a virtual address
// that is gone), or the sender has the wrong next hop; then forwarding would only hide the fault.

#include <array>

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/routing.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes, model::Question::Kind::kNeighbours};

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  std::string name;                    // of the setting that is off
  std::optional<std::uint64_t> value;  // of that setting
  bool has_way_on = false;             // by another device
  std::string way_on;                  // that device
  const model::Neighbour* hop = nullptr;
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] const Way& way() const { return ways.front(); }
};

std::optional<std::uint64_t> netns_setting(const Facts& facts, const std::string& name) {
  return model::number_setting(facts.one.evidence,
                               model::counter_id("sysctl." + name, {{"netns", facts.netns()}}));
}

// IPv4 asks the device that the packet came in by; ip_forward sets them all. IPv6 asks one for all.
void read_setting(Facts& facts) {
  if (facts.way().is_ipv6()) {
    facts.name = "net.ipv6.conf.all.forwarding";
    facts.value = netns_setting(facts, facts.name);
    return;
  }
  facts.name = "net.ipv4.ip_forward";
  facts.value = netns_setting(facts, facts.name);
  if (facts.value.value_or(0) == 0) return;
  const auto& device = facts.way().from_device;
  facts.name = fmt::format("net.ipv4.conf.{}.forwarding", sysctl_device(device));
  facts.value =
      device_setting(facts.one.evidence, "sysctl.net.ipv4.conf.forwarding", facts.netns(), device);
}

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .ways = ways_of(one.evidence, one.booked)};
  if (facts.ways.empty()) return facts;
  read_setting(facts);
  const auto* on = facts.way().as_made_here;
  facts.has_way_on = leads_on(on) && on->ifindex != facts.way().from_ifindex;
  if (facts.has_way_on) facts.way_on = device_name(one.evidence, facts.netns(), on->ifindex);
  facts.hop = last_hop(one.evidence, facts.way());
  return facts;
}

std::string hop_text(const Facts& facts) {
  if (facts.hop == nullptr) return "whoever handed the packet over";
  return fmt::format("{} ({})", facts.hop->address, facts.hop->link_layer);
}

std::string why_text(const Facts& facts) {
  if (facts.ways.empty()) {
    return "Packets came for addresses that are not this host's, and it does not forward: it lost "
           "an address, a neighbour has the wrong next hop, or it should be a router and is not.";
  }
  const auto& destination = facts.way().destination;
  if (facts.has_way_on) {
    return fmt::format(
        "{} is not an address of this namespace, and forwarding is off. With forwarding the packet "
        "would leave by {}, so this may be meant to be a router. If not, {} sends here what "
        "belongs elsewhere.",
        destination, facts.way_on, hop_text(facts));
  }
  if (facts.way().as_made_here == nullptr) {
    return fmt::format(
        "{} is not an address of this namespace, and forwarding is off. Whether there would be a "
        "way on by another device could not be seen: this may be meant to be a router, the address "
        "should be here and is gone (a virtual address, a container), or {} has the wrong next "
        "hop.",
        destination, hop_text(facts));
  }
  return fmt::format(
      "{} is not an address of this namespace, forwarding is off, and there is no way on by "
      "another device: forwarding would not help. Either the address should be here and is gone (a "
      "virtual address, a container), or {} has the wrong next hop.",
      destination, hop_text(facts));
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  if (facts.ways.empty()) return;
  auto& proofs = explanation.evidence;
  const auto& way = facts.way();
  proofs.push_back(sampled_proof(facts.ways));
  if (facts.hop != nullptr) proofs.back().text += ", handed over by " + hop_text(facts);
  if (facts.value) {
    proofs.push_back({fmt::format("{} is {}", facts.name, *facts.value), "sysctl." + facts.name,
                      static_cast<double>(*facts.value)});
  }
  if (way.as_made_here != nullptr) {
    const auto* on = way.as_made_here;
    const auto answer = !on->error.empty() ? on->error
                        : facts.has_way_on ? "device " + facts.way_on
                                           : "the device that it came in by, or this host itself";
    proofs.push_back(
        {fmt::format("asked for the way to {}, the kernel says {}", way.destination, answer),
         "route.lookup",
         {}});
  }
}

void rule_out(const Facts& facts, Explanation& explanation) {
  const auto& evidence = facts.one.evidence;
  const auto still = [&](std::string_view name) {
    return stood_still(evidence, name, facts.netns());
  };
  if (still("netstat.IpExt.InNoRoutes")) {
    explanation.ruled_out.push_back(
        {"ip.no-route", "InNoRoutes did not move: routes are not asked where forwarding is off"});
  }
  if (still("netstat.TcpExt.IPReversePathFilter")) {
    explanation.ruled_out.push_back({"ip.reverse-path-filter", "IPReversePathFilter did not move"});
  }
}

model::Remedy find_out_why(const Facts& facts) {
  model::Remedy remedy{.id = "show-who-sends", .kind = "print"};
  const auto command =
      facts.ways.empty()
          ? std::string("ip -br addr")
          : fmt::format("tcpdump -eni {} -c 10 host {}",
                        facts.way().from_device.empty() ? "any" : facts.way().from_device,
                        facts.way().destination);
  remedy.command = command_in(facts.one.evidence, facts.netns(), command);
  remedy.sized_from = fmt::format(
      "nothing: it shows who sends these packets here; mend the next hop there{}",
      facts.ways.empty() ? ""
                         : fmt::format(", or give {} back to this host", facts.way().destination));
  return remedy;
}

model::Remedy forward(const Facts& facts) {
  auto remedy = sysctl_remedy(facts.one.evidence, facts.netns(), facts.name,
                              std::to_string(facts.value.value_or(0)), "1");
  remedy.id = "sysctl.forwarding";
  remedy.sized_from = fmt::format("there is a route to {}, by {}: only the switch is off",
                                  facts.way().destination, facts.way_on);
  remedy.risk =
      "only if this host is meant to be a router: it then carries packets between all its networks "
      "for anybody who sends them here. Restrict the forward chain of the firewall first.";
  if (facts.way().is_ipv6())
    remedy.risk += " A router ignores router advertisements (accept_ra 1).";
  return remedy;
}

model::Remedy give_address(const Facts& facts) {
  const auto& way = facts.way();
  model::Remedy remedy{.id = "address.add", .kind = "print"};
  const auto command = [&](std::string_view verb) {
    return command_in(facts.one.evidence, facts.netns(),
                      fmt::format("ip addr {} {}/{} dev {}", verb, way.destination,
                                  way.is_ipv6() ? 128 : 32, way.from_device));
  };
  remedy.command = command("add");
  remedy.sized_from = "the sampled destination; only if that address belongs to this host";
  remedy.risk = "an address that another host has as well breaks both";
  remedy.undo = command("del");
  remedy.verify = "whydrop diagnose: InAddrErrors stands still";
  return remedy;
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  const bool known = !facts.ways.empty() && facts.way().as_made_here != nullptr;
  explanation.confidence = known && facts.value == 0U ? Confidence::kHigh : Confidence::kMedium;
  explanation.title =
      fmt::format("{} for {} dropped: not an address of this namespace, and it does not forward",
                  packets_text(account.packets),
                  facts.ways.empty() ? "other hosts" : destinations_text(facts.ways));
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  explanation.remedies.push_back(find_out_why(facts));
  if (facts.has_way_on && facts.value == 0U) {
    explanation.remedies.push_back(forward(facts));
  } else if (known && !facts.has_way_on) {
    explanation.remedies.push_back(give_address(facts));
  }
  return explanation;
}

}  // namespace

extern const Cause ip_forwarding_disabled;
const Cause ip_forwarding_disabled = {
    .id = "ip.forwarding-disabled", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
