// udp.no-listener: a datagram came for a port that no socket is bound to (NO_SOCKET at
// __udp4_lib_rcv; Udp NoPorts), and the host said so by ICMP. Nothing leaks: a service is down,
// bound elsewhere, or somebody scans.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "diagnose/cause.h"

namespace diagnose::causes {
namespace {

// The destination that the samples of this account show most often.
std::optional<model::Flow> common_flow(const Case& one) {
  std::map<model::Flow, int> seen;
  for (const auto& sample : one.evidence.drops.samples) {
    if (!sample.flow || sample.tally >= one.evidence.drops.tallies.size()) continue;
    const auto& tally = one.evidence.drops.tallies[sample.tally];
    const bool ours = tally.netns == one.account().at.netns && tally.reason == "NO_SOCKET" &&
                      sample.flow->protocol == "udp";
    if (!ours) continue;
    auto flow = *sample.flow;
    flow.source_port = 0;  // clients change it; the target is what matters
    ++seen[flow];
  }
  const auto most =
      std::ranges::max_element(seen, {}, [](const auto& one_flow) { return one_flow.second; });
  return most == seen.end() ? std::nullopt : std::optional(most->first);
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  explanation.confidence = model::Confidence::kHigh;
  const auto flow = common_flow(one);
  const auto target =
      flow ? fmt::format("{} port {}", flow->destination, flow->destination_port) : "a closed port";
  explanation.title =
      fmt::format("{} refused: no socket listens on UDP {}", packets_text(account.packets), target);
  explanation.why =
      "No socket is bound to the destination, so the kernel drops the datagram and answers with "
      "ICMP port unreachable: the service is down, bound to another address, or somebody scans.";
  if (flow) {
    explanation.evidence.push_back({fmt::format("sampled: from {} to {} port {}", flow->source,
                                                flow->destination, flow->destination_port),
                                    "drops.samples",
                                    {}});
  }
  const auto buffer = model::counter_id("snmp.Udp.RcvbufErrors", {{"netns", account.at.netns}});
  if (one.evidence.timeline.counter(buffer) != nullptr && one.evidence.timeline.rise(buffer) == 0) {
    explanation.ruled_out.push_back(
        {"udp.receive-buffer-full", "Udp RcvbufErrors did not move: no socket was too full"});
  }
  explanation.remedies.push_back(
      {.id = "show-listeners",
       .order = 1,
       .kind = "print",
       .command = flow ? fmt::format("ss -lunp 'sport = :{}'", flow->destination_port)
                       : std::string("ss -lunp"),
       .sized_from = "nothing: it shows which sockets listen; start the service, mend its address, "
                     "or find the sender",
       .verify = "whydrop diagnose: Udp NoPorts no longer rises"});
  return explanation;
}

}  // namespace

extern const Cause udp_no_listener;
const Cause udp_no_listener = {.id = "udp.no-listener", .needs = {}, .explain = explain};

}  // namespace diagnose::causes
