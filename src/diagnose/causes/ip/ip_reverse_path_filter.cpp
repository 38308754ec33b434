// ip.reverse-path-filter: the kernel looks up the way back to a packet's source and refuses the
// packet where that way does not lead out of the device it came in by (strict, rp_filter 1), or
// nowhere at all (loose, 2): __fib_validate_source. The larger of conf.all and conf.DEV counts.
//
// Two faults look alike in the counter. Where a way back exists and leaves by another device,
// routing is asymmetric, and a loose filter accepts the packet. Where there is none, a loose filter
// refuses it as well, and no answer would arrive: a return route is missing.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/routing.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes, model::Question::Kind::kNeighbours};
constexpr std::string_view kFilter = "sysctl.net.ipv4.conf.rp_filter";
constexpr std::uint64_t kLoose = 2;

enum class Back { kUnknown, kNone, kElsewhere, kSameDevice };

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  std::string device;  // that the packets came in by
  std::optional<std::uint64_t> of_device;
  std::optional<std::uint64_t> of_all;
  Back back = Back::kUnknown;
  std::string back_device;
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] std::uint64_t effective() const {
    return std::max(of_device.value_or(0), of_all.value_or(0));
  }
};

void read_way_back(Facts& facts) {
  const auto& way = facts.ways.front();
  if (way.back == nullptr) return;
  if (!way.back->error.empty()) {
    facts.back = Back::kNone;
  } else {
    facts.back_device = device_name(facts.one.evidence, way.netns, way.back->ifindex);
    facts.back = way.back->ifindex == way.from_ifindex ? Back::kSameDevice : Back::kElsewhere;
  }
}

Facts facts_of(const Case& one) {
  Facts facts{
      .one = one, .ways = ways_of(one.evidence, one.booked), .device = one.account().at.dev};
  if (!facts.ways.empty()) {
    facts.device = facts.ways.front().from_device;
    read_way_back(facts);
  }
  facts.of_device = device_setting(one.evidence, kFilter, facts.netns(), facts.device);
  facts.of_all = device_setting(one.evidence, kFilter, facts.netns(), "all");
  return facts;
}

std::string answer_text(const Facts& facts) {
  switch (facts.back) {
    case Back::kNone:
      return fmt::format("there is no route back to {}", facts.ways.front().source);
    case Back::kElsewhere:
      return fmt::format("an answer to {} leaves by {}", facts.ways.front().source,
                         facts.back_device);
    case Back::kSameDevice:
      return fmt::format("an answer to {} now leaves by the same device",
                         facts.ways.front().source);
    case Back::kUnknown:
      break;
  }
  return "the way of an answer is not known";
}

std::string why_text(const Facts& facts) {
  switch (facts.back) {
    case Back::kNone:
      return fmt::format(
          "The reverse path filter accepts a packet only if there is a way back to its source. "
          "There is no route back to {}, so even a loose filter refuses it, and no answer could be "
          "sent: the return route is missing, or the source is forged.",
          facts.ways.front().source);
    case Back::kElsewhere:
      return fmt::format(
          "The strict reverse path filter of {} accepts a packet only if an answer to its source "
          "would leave by {}. The way back to {} leaves by {}: routing is asymmetric, or the "
          "source is forged.",
          facts.device, facts.device, facts.ways.front().source, facts.back_device);
    case Back::kSameDevice:
      return "The reverse path filter refused packets whose way back, asked now, leaves by the "
             "device that they came in by: the route came back meanwhile, or the packets carry a "
             "firewall mark that leads them elsewhere (see src_valid_mark).";
    case Back::kUnknown:
      break;
  }
  return "The reverse path filter refused packets because the way back to their source does not "
         "leave by the device that they came in by, or because there is none.";
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  if (facts.of_device && facts.of_all) {
    proofs.push_back({fmt::format("rp_filter is {} on {} and {} on all: the larger counts, {} ({})",
                                  *facts.of_device, facts.device, *facts.of_all, facts.effective(),
                                  facts.effective() == kLoose ? "loose" : "strict"),
                      "sysctl.net.ipv4.conf.rp_filter", static_cast<double>(facts.effective())});
  }
  if (facts.ways.empty()) return;
  const auto& way = facts.ways.front();
  proofs.push_back(sampled_proof(facts.ways));
  if (way.back != nullptr) {
    proofs.push_back(
        {fmt::format("asked for the way from {} to {}, the kernel says {}", way.destination,
                     way.source,
                     way.back->error.empty() ? "device " + facts.back_device : way.back->error),
         "route.lookup",
         {}});
  }
}

void rule_out(const Facts& facts, Explanation& explanation) {
  if (facts.back == Back::kElsewhere) {
    explanation.ruled_out.push_back(
        {"ip.no-route",
         fmt::format("there is a route back to the source, by {}", facts.back_device)});
  }
  const auto& evidence = facts.one.evidence;
  const auto martian = [](const model::DropTally& tally) {
    return tally.reason == "IP_INVALID_SOURCE" || tally.reason == "IP_LOCAL_SOURCE";
  };
  if (!evidence.drops.rung.empty() && std::ranges::none_of(evidence.drops.tallies, martian)) {
    explanation.ruled_out.push_back(
        {"ip.martian-source", "no packet was refused for an impossible source address"});
  }
}

// Where the packets come from one neighbour, a route through it leads back.
model::Remedy return_route(const Facts& facts) {
  const auto& way = facts.ways.front();
  model::Remedy remedy{.id = "route.return", .kind = "print"};
  const auto* hop = last_hop(facts.one.evidence, way);
  std::string via = "via GATEWAY ";
  if (hop != nullptr) via = hop->address == way.source ? "" : fmt::format("via {} ", hop->address);
  const auto route = fmt::format("{}/32 {}dev {}", way.source, via, way.from_device);
  const auto command = [&](std::string_view verb) {
    return command_in(facts.one.evidence, facts.netns(),
                      fmt::format("ip route {} {}", verb, route));
  };
  remedy.command = command("add");
  if (hop != nullptr) {
    remedy.set = {{.target = "return route",
                   .netns = facts.netns(),
                   .from = facts.back == Back::kNone ? "none" : "by " + facts.back_device,
                   .to = route}};
  }
  remedy.sized_from =
      hop == nullptr
          ? fmt::format("the sampled source; widen it to the network behind {}", way.from_device)
          : fmt::format(
                "the sampled source, and the neighbour {} ({}) that the packets came from; "
                "widen it to the whole network",
                hop->address, hop->link_layer);
  remedy.risk = fmt::format("answers to {} then go out by {}", way.source, way.from_device);
  remedy.undo = command("del");
  remedy.verify = "whydrop diagnose: IPReversePathFilter stands still";
  return remedy;
}

model::Remedy loose_filter(const Facts& facts) {
  auto remedy =
      sysctl_remedy(facts.one.evidence, facts.netns(),
                    fmt::format("net.ipv4.conf.{}.rp_filter", sysctl_device(facts.device)),
                    std::to_string(*facts.of_device), std::to_string(kLoose));
  remedy.id = "sysctl.rp-filter";
  remedy.sized_from = fmt::format(
      "the way back to {} exists, by {}; loose accepts that. The larger of all ({}) and this "
      "counts",
      facts.ways.front().source, facts.back_device, facts.of_all.value_or(0));
  remedy.risk = fmt::format(
      "forged sources that this host has any route to are accepted on {} too; it is only needed "
      "if the asymmetry is meant",
      facts.device);
  return remedy;
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  explanation.confidence = facts.back == Back::kElsewhere || facts.back == Back::kNone
                               ? Confidence::kHigh
                               : Confidence::kMedium;
  explanation.title =
      fmt::format("{} refused by the reverse path filter{}: {}", packets_text(account.packets),
                  facts.device.empty() ? "" : " of " + facts.device, answer_text(facts));
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  if (facts.back == Back::kNone || facts.back == Back::kElsewhere) {
    explanation.remedies.push_back(return_route(facts));
  }
  const bool loose_helps = facts.back == Back::kElsewhere && facts.effective() == 1;
  if (loose_helps && facts.of_device) explanation.remedies.push_back(loose_filter(facts));
  return explanation;
}

}  // namespace

extern const Cause ip_reverse_path_filter;
const Cause ip_reverse_path_filter = {
    .id = "ip.reverse-path-filter", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
