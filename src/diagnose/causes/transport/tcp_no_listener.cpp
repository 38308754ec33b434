// tcp.no-listener: somebody asked for a TCP connection (a SYN) to a port on which nothing listens
// (NO_SOCKET at tcp_v4_rcv, tcp_v6_rcv), and the host refused it by a reset (Tcp OutRsts). Nothing
// leaks: a service is down, listens elsewhere, or somebody scans.
//
// Segments other than a SYN that no socket takes belong to a connection that is gone: noise, booked
// apart. Kernels before 5.17 give no reason, so that other counters and the flags of the segment
// have to tell (sort_by_counters.cpp). Without BTF the flags are not seen, and less is said.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

// Of so many ports one does not miss a service, one looks for any.
constexpr size_t kScanPorts = 8;

bool has_reasons(const model::Account& account) {
  return std::ranges::any_of(account.witnesses,
                             [](const auto& witness) { return !witness.reason.empty(); });
}

std::set<std::uint16_t> ports_of(const Case& one) {
  std::set<std::uint16_t> ports;
  for (const auto* sample : samples_of(one.evidence, one.booked)) {
    if (sample->flow) ports.insert(sample->flow->destination_port);
  }
  return ports;
}

// "127.0.0.1:8080, in namespace web": where something does listen on that port.
std::string listeners_elsewhere(const Case& one, std::uint16_t port) {
  std::vector<std::string> found;
  for (const auto& socket : one.evidence.sockets) {
    if (socket.protocol != "tcp" || socket.state != "listen" || socket.local_port != port) continue;
    std::string place = fmt::format("{}:{}", socket.local, port);
    if (socket.netns != one.account().at.netns) {
      const auto* netns = model::find_netns(one.evidence, socket.netns);
      const bool named = netns != nullptr && !netns->name.empty();
      place += " in namespace " + (named ? netns->name : socket.netns);
    }
    found.push_back(std::move(place));
  }
  return fmt::format("{}", fmt::join(found, ", "));
}

void add_resets(const Case& one, Explanation& explanation) {
  const auto id = model::counter_id("snmp.Tcp.OutRsts", {{"netns", one.account().at.netns}});
  if (one.evidence.timeline.counter(id) == nullptr) return;
  const auto resets = one.evidence.timeline.rise(id);
  explanation.evidence.push_back(
      {fmt::format("this namespace sent {} resets", base::grouped(resets)), id,
       static_cast<double>(resets)});
}

void add_senders(const Case& one, Explanation& explanation) {
  const auto sources = sources_of(one.evidence, one.booked);
  if (sources.empty()) return;
  const auto& [most, times] = sources.front();
  explanation.evidence.push_back(
      {sources.size() == 1
           ? fmt::format("all that were sampled came from {}", most)
           : fmt::format("sampled from {} addresses, most often {}", sources.size(), most),
       "drops.samples", static_cast<double>(times)});
  const auto netns = netns_of_address(one.evidence, most, one.account().at.netns);
  if (!netns) return;
  const auto id = model::counter_id("snmp.Tcp.AttemptFails", {{"netns", *netns}});
  const auto failed = one.evidence.timeline.rise(id);
  if (failed == 0) return;
  explanation.evidence.push_back(
      {fmt::format("{} attempts to connect failed in the namespace of {}", base::grouped(failed),
                   most),
       id, static_cast<double>(failed)});
}

void rule_out(const Case& one, Explanation& explanation) {
  const auto& netns = one.account().at.netns;
  if (!stood_still(one.evidence, "netstat.TcpExt.ListenOverflows", netns)) return;
  explanation.ruled_out.push_back(
      {"listen.accept-queue-full",
       "ListenOverflows did not move: no listener was too busy to take a connection"});
}

void add_remedy(const Case& one, const std::optional<model::Flow>& flow, bool scan,
                Explanation& explanation) {
  const auto command = flow && !scan ? fmt::format("ss -ltnp 'sport = :{}'", flow->destination_port)
                                     : std::string("ss -ltnp");
  explanation.remedies.push_back(
      {.id = "show-listeners",
       .kind = "print",
       .command = command_in(one.evidence, one.account().at.netns, command),
       .sized_from = "nothing: it shows who listens, and on which address; start the service, mend "
                     "its address, or find the sender",
       .verify = "whydrop diagnose: no more connections are refused"});
}

// Without reasons, segments of connections that are gone, wrong checksums and full socket backlogs
// end at the same place.
Explanation say_less(const Case& one) {
  Explanation explanation;
  explanation.severity = model::Severity::kNotice;
  explanation.confidence = Confidence::kLow;
  explanation.title =
      fmt::format("{} that no TCP socket took", packets_text(one.account().packets));
  explanation.why =
      has_reasons(one.account())
          ? "What they were is not seen in this way of tracing: they asked for a port on which "
            "nothing listens, or belonged to connections that are gone, which is normal."
          : "This kernel gives no reason (before 5.17): they asked for a port on which nothing "
            "listens, or belonged to connections that are gone, which is normal, or had a wrong "
            "checksum.";
  add_resets(one, explanation);
  add_senders(one, explanation);
  add_remedy(one, std::nullopt, false, explanation);
  return explanation;
}

std::string target_text(const std::optional<model::Flow>& flow,
                        const std::set<std::uint16_t>& ports, bool scan) {
  if (!flow) return "the TCP port";
  if (scan) return fmt::format("TCP {} at {} or more ports", flow->destination, ports.size());
  return fmt::format("TCP {} port {}", flow->destination, flow->destination_port);
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const bool unseen = model::traced_without_places(one.evidence);
  if (unseen) return say_less(one);
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, account);
  // Without a reason, a SYN with a wrong checksum would look the same.
  explanation.confidence = has_reasons(account) ? Confidence::kHigh : Confidence::kMedium;
  const auto flow = common_flow(one.evidence, one.booked, true);
  const auto ports = ports_of(one);
  const bool scan = ports.size() >= kScanPorts && sources_of(one.evidence, one.booked).size() == 1;
  explanation.title = fmt::format("{} refused: nothing listens on {}",
                                  packets_text(account.packets), target_text(flow, ports, scan));
  explanation.why =
      "Nothing listens on the destination, so the kernel drops the SYN and answers with a reset: ";
  explanation.why +=
      scan ? "one sender tries port after port, which is a scan."
           : "the service is down, listens on another address, or the sender is mistaken.";
  const auto elsewhere = flow ? listeners_elsewhere(one, flow->destination_port) : std::string();
  if (!elsewhere.empty() && !scan) {
    explanation.why += fmt::format(" There is a listener on {}.", elsewhere);
  }
  add_resets(one, explanation);
  add_senders(one, explanation);
  rule_out(one, explanation);
  add_remedy(one, flow, scan, explanation);
  return explanation;
}

}  // namespace

extern const Cause tcp_no_listener;
const Cause tcp_no_listener = {.id = "tcp.no-listener", .needs = {}, .explain = explain};

}  // namespace diagnose::causes
