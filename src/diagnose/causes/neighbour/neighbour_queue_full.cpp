// neighbour.queue-full: more packets waited for the link-layer address of one next hop than its
// queue may hold (unres_qlen_bytes), so the oldest was dropped (NEIGH_QUEUEFULL at
// __neigh_event_send).
//
// Mostly it is the same trouble as neighbour.unresolved, seen earlier: a next hop that never
// answers. Then the finding points there, and a longer queue would not help. Only where the next
// hop did answer, and a burst came before it did, is the length of the queue the fault.

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/bursts.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/waiting.h"

namespace diagnose::causes {
namespace {

using base::grouped;
using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kRoutes, model::Question::Kind::kNeighbours};
constexpr std::uint64_t kStep = 65536;  // sizes are rounded up to this

struct Facts {
  const Case& one;
  std::vector<Way> ways;
  NextHop hop;
  std::uint64_t given_up = 0;
  BurstShape shape;
  std::optional<std::uint64_t> limit;  // of the queue, in bytes
  [[nodiscard]] const model::Inode& netns() const { return one.account().at.netns; }
  [[nodiscard]] const char* family() const {
    return !ways.empty() && ways.front().is_ipv6() ? "ipv6" : "ipv4";
  }
  [[nodiscard]] bool is_unresolved() const { return given_up > 0 || hop.is_unresolved(); }
  [[nodiscard]] bool is_resolved() const {
    return given_up == 0 && hop.neighbour != nullptr && !hop.is_unresolved();
  }
  [[nodiscard]] std::string who() const {
    return hop.address.empty() ? "the next hop" : hop.address;
  }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one,
              .ways = ways_of(one.evidence, one.booked),
              .given_up = given_up(one.evidence, one.account().at.netns),
              .shape = burst_shape(one.evidence, one.booked)};
  if (!facts.ways.empty()) facts.hop = next_hop_of(one.evidence, facts.ways.front());
  if (facts.hop.device.empty()) facts.hop.device = one.account().at.dev;
  facts.limit = device_setting(one.evidence,
                               fmt::format("sysctl.net.{}.neigh.unres_qlen_bytes", facts.family()),
                               facts.netns(), facts.hop.device);
  return facts;
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  if (facts.hop.neighbour != nullptr) {
    proofs.push_back({fmt::format("the neighbour table says of {} on {}: {}", facts.who(),
                                  facts.hop.device, facts.hop.neighbour->state),
                      "neighbour.state",
                      {}});
  }
  if (facts.given_up > 0) {
    proofs.push_back({fmt::format("{} that did find room were given up without an answer",
                                  packets_text(facts.given_up)),
                      "NEIGH_FAILED", static_cast<double>(facts.given_up)});
  }
  if (facts.limit) {
    proofs.push_back(
        {fmt::format("unres_qlen_bytes of {} is {}", facts.hop.device, grouped(*facts.limit)),
         "sysctl.net." + std::string(facts.family()) + ".neigh.unres_qlen_bytes",
         static_cast<double>(*facts.limit)});
  }
}

void explain_unresolved(const Facts& facts, Explanation& explanation) {
  explanation.because = {
      {"neighbour.unresolved", 1.0, facts.given_up > 0 ? Confidence::kHigh : Confidence::kMedium}};
  explanation.why = fmt::format(
      "{} does not answer, and while the kernel waits it keeps only so much: it dropped the oldest "
      "for each packet more. That is the same fault as neighbour.unresolved; a longer queue would "
      "only fill up too.",
      facts.who());
  // One fault, one warning: the finding of those that were given up is it, where there is one.
  if (facts.given_up > 0) explanation.severity = model::Severity::kNotice;
}

model::Remedy lengthen(const Facts& facts) {
  const double need = static_cast<double>(*facts.limit + facts.shape.largest_truesize_bytes) *
                      facts.one.evidence.thresholds.headroom;
  const auto proposed = (static_cast<std::uint64_t>(need) / kStep + 1) * kStep;
  auto remedy = sysctl_remedy(facts.one.evidence, facts.netns(),
                              fmt::format("net.{}.neigh.{}.unres_qlen_bytes", facts.family(),
                                          sysctl_device(facts.hop.device)),
                              std::to_string(*facts.limit), std::to_string(proposed));
  remedy.id = "sysctl.unres-qlen-bytes";
  remedy.sized_from =
      fmt::format("{} bytes of queue + {} that the largest burst lacked, with {:.0f} % room",
                  grouped(*facts.limit), grouped(facts.shape.largest_truesize_bytes),
                  100 * (facts.one.evidence.thresholds.headroom - 1));
  remedy.risk = "every next hop on the device that does not answer may hold so much memory";
  return remedy;
}

void explain_burst(const Facts& facts, Explanation& explanation) {
  explanation.because = {
      {"load.burst", 1.0, facts.is_resolved() ? Confidence::kHigh : Confidence::kLow}};
  explanation.why = fmt::format(
      "{}: a burst came before its link-layer address was known, and more of it waited than the "
      "queue may hold. Once the address is known, nothing waits.",
      facts.is_resolved() ? facts.who() + " answers"
                          : "Nothing was given up for want of an answer");
  if (facts.is_resolved()) {
    explanation.ruled_out.push_back(
        {"neighbour.unresolved", fmt::format("{} is {} and no packet was given up", facts.who(),
                                             facts.hop.neighbour->state)});
  }
  if (facts.is_resolved() && facts.limit && facts.shape.measured) {
    explanation.remedies.push_back(lengthen(facts));
  }
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  add_proofs(facts, explanation);
  if (facts.is_unresolved()) {
    explain_unresolved(facts, explanation);
  } else {
    explain_burst(facts, explanation);
  }
  explanation.confidence = explanation.because.front().confidence;
  explanation.title = fmt::format("{} lost while they waited for the address of {}{}",
                                  packets_text(account.packets), facts.who(),
                                  facts.is_unresolved() ? ", which does not answer" : "");
  return explanation;
}

}  // namespace

extern const Cause neighbour_queue_full;
const Cause neighbour_queue_full = {
    .id = "neighbour.queue-full", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
