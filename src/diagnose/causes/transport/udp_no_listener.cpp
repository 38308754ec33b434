// udp.no-listener: a datagram came for a port that no socket is bound to (NO_SOCKET at
// __udp4_lib_rcv; Udp NoPorts), and the host said so by ICMP. Nothing leaks: a service is down,
// bound elsewhere, or somebody scans.

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose::causes {
namespace {

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  explanation.confidence = model::Confidence::kHigh;
  // Clients change their port; the target is what matters.
  const auto flow = common_flow(one.evidence, one.booked, true);
  const auto target = flow
                          ? fmt::format("UDP {} port {}", flow->destination, flow->destination_port)
                          : std::string("the UDP port");
  explanation.title =
      fmt::format("{} refused: no socket listens on {}", packets_text(account.packets), target);
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
       .kind = "print",
       .command = command_in(one.evidence, account.at.netns,
                             flow ? fmt::format("ss -lunp 'sport = :{}'", flow->destination_port)
                                  : std::string("ss -lunp")),
       .sized_from = "nothing: it shows which sockets listen; start the service, mend its address, "
                     "or find the sender",
       .verify = "whydrop diagnose: Udp NoPorts no longer rises"});
  return explanation;
}

}  // namespace

extern const Cause udp_no_listener;
const Cause udp_no_listener = {
    .id = "udp.no-listener", .needs = {}, .explain = explain, .judges_totals = true};

}  // namespace diagnose::causes
