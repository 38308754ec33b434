// udp.checksum: the checksum of a datagram did not match what it carries, so the kernel dropped it
// (UDP_CSUM; Udp InCsumErrors, and again in Udp InErrors). The kernel looks when the datagram
// comes, or, if it is larger than CHECKSUM_BREAK (76 bytes), only when it is read: in poll() or
// recvmsg().
//
// Who is at fault lies in where they come from. All from one sender: its card or virtual machine
// sums wrongly (or leaves the sum to a card that does not do it), or something on its way changes
// datagrams. From several: what they all pass, which ends at this host.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/cause.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose::causes {
namespace {

using model::Confidence;

constexpr std::array kNeeds = {model::Question::Kind::kOwners};
// Fewer samples than this can all be of one sender by chance.
constexpr std::uint64_t kTellingSamples = 8;

struct Facts {
  const Case& one;
  Frequencies sources;
  std::uint64_t samples = 0;
  std::optional<model::Flow> flow;  // to whom most often; source port 0
  size_t targets = 0;               // different addresses and ports that were sampled

  [[nodiscard]] bool one_sender() const { return sources.size() == 1; }
};

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .sources = sources_of(one.evidence, one.booked)};
  for (const auto& [source, times] : facts.sources) facts.samples += times;
  facts.flow = common_flow(one.evidence, one.booked, true);
  std::set<std::pair<std::string, std::uint16_t>> targets;
  for (const auto* sample : samples_of(one.evidence, one.booked)) {
    if (sample->flow) targets.insert({sample->flow->destination, sample->flow->destination_port});
  }
  facts.targets = targets.size();
  return facts;
}

std::string senders_text(const Facts& facts) {
  if (facts.sources.empty()) return "";
  if (facts.one_sender()) return "all from " + facts.sources.front().first;
  constexpr size_t kMostNamed = 3;
  std::vector<std::string> named;
  for (size_t at = 0; at < std::min(kMostNamed, facts.sources.size()); ++at) {
    named.push_back(facts.sources[at].first);
  }
  return fmt::format("from {} senders ({}{})", facts.sources.size(), fmt::join(named, ", "),
                     facts.sources.size() > kMostNamed ? ", …" : "");
}

// VXLAN, the Linux kernel's own VXLAN, Geneve: what they carry was summed by another machine.
bool is_tunnel(std::uint16_t port) {
  return port == 4789 || port == 8472 || port == 6081;
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  if (facts.flow) {
    proofs.push_back(
        {fmt::format("{} of {} sampled datagrams are from {}, the most frequent sender",
                     facts.sources.front().second, facts.samples, facts.sources.front().first),
         "drops.samples", static_cast<double>(facts.sources.front().second)});
  }
  const auto late = std::ranges::any_of(facts.one.account().witnesses, [](const auto& witness) {
    return witness.location.starts_with("udp") ||
           witness.location.find("first_packet") != std::string::npos;
  });
  if (late) {
    proofs.push_back(
        {"found wrong when the reader came, not on arrival: datagrams of more than 76 "
         "bytes",
         "drops.location",
         {}});
  }
  if (!facts.flow) return;
  const auto home =
      netns_of_address(facts.one.evidence, facts.flow->source, facts.one.account().at.netns);
  if (home && facts.one_sender()) {
    proofs.push_back(
        {fmt::format("{} is an address of this host: no cable lies between", facts.flow->source),
         "devices.addresses",
         {}});
  }
}

// A rival that did not move, where its traffic shows that it could have.
void rule_out(const Facts& facts, Explanation& explanation) {
  const auto& timeline = facts.one.evidence.timeline;
  const auto& at = facts.one.account().at;
  const auto id = [&](std::string_view name) {
    return model::counter_id(name, {{"netns", at.netns}});
  };
  const auto* tcp = timeline.counter(id("snmp.Tcp.InCsumErrors"));
  const bool tcp_clean = tcp != nullptr && model::increment(*tcp).amount == 0;
  const auto segments = timeline.rise(id("snmp.Tcp.InSegs"));
  if (tcp_clean && segments >= 1000) {
    explanation.ruled_out.push_back(
        {"tcp.checksum", fmt::format("not a single one of {} TCP segments was damaged: what is "
                                     "wrong is with these datagrams, not with the path",
                                     base::grouped(segments))});
  }
  const auto* crc = timeline.counter(
      model::counter_id("link.rx_crc_errors", {{"dev", at.dev}, {"netns", at.netns}}));
  const bool has_wire = std::ranges::any_of(facts.one.evidence.devices, [&](const auto& device) {
    return device.netns == at.netns && device.name == at.dev && device.kind == "physical";
  });
  if (has_wire && crc != nullptr && model::increment(*crc).amount == 0) {
    explanation.ruled_out.push_back(
        {"wire.crc-errors", fmt::format("{} received no damaged frames: the datagrams were damaged "
                                        "before they were put into them",
                                        at.dev)});
  }
}

model::Remedy look_at_them(const Facts& facts) {
  const auto& at = facts.one.account().at;
  const auto device = at.dev.empty() ? std::string("any") : base::shell_quoted(at.dev);
  std::string filter = "udp";
  if (facts.flow && facts.flow->destination_port != 0) {
    filter += fmt::format(" and dst port {}", facts.flow->destination_port);
  }
  if (facts.flow && facts.one_sender()) filter += " and src host " + facts.flow->source;
  return {.id = "show-datagrams",
          .kind = "print",
          .command = command_in(facts.one.evidence, at.netns,
                                fmt::format("tcpdump -vvni {} -c 20 '{}'", device, filter)),
          .sized_from =
              "nothing: it marks those with 'bad udp cksum'. Captured here, on receive: a "
              "sender's own capture shows wrong sums wherever its card adds them",
          .verify = "whydrop diagnose: Udp InCsumErrors no longer rises"};
}

model::Remedy test_offload(const Facts& facts) {
  if (facts.one_sender()) {
    return {
        .id = "sender-offload",
        .kind = "application",
        .command = fmt::format("on {}: ethtool -K DEV tx off; if the errors stop, leave the sum "
                               "to its CPU or mend its driver or virtual machine",
                               facts.sources.front().first),
        .sized_from = "all sampled datagrams are from this sender",
        .risk = "more CPU time on the sender while it is off",
        .undo = "on the sender: ethtool -K DEV tx on",
        .verify = "whydrop diagnose here: Udp InCsumErrors no longer rises"};
  }
  const auto& at = facts.one.account().at;
  const auto device = at.dev.empty() ? std::string("DEV") : base::shell_quoted(at.dev);
  return {
      .id = "show-offload",
      .kind = "print",
      .command = command_in(facts.one.evidence, at.netns,
                            fmt::format("ethtool -k {} | grep checksum; ethtool -S {} | grep -i "
                                        "csum",
                                        device, device)),
      .sized_from = "several senders: look at what they share, beginning with this device",
      .verify = "whydrop diagnose: Udp InCsumErrors no longer rises"};
}

std::string why_text(const Facts& facts) {
  std::string why =
      "The checksum of these datagrams does not fit what they carry, so the kernel drops them: "
      "nobody may read damaged data. ";
  if (facts.sources.empty()) return why + "Where they came from was not sampled.";
  if (facts.one_sender()) {
    why += fmt::format(
        "They all come from {}: its card, driver or virtual machine sums wrongly or not at all, "
        "its application makes the packets itself, or something on its way changes them.",
        facts.sources.front().first);
  } else {
    why +=
        "They come from several senders, so what they share is at fault: the last part of their "
        "way, or this host's card.";
  }
  if (facts.flow && is_tunnel(facts.flow->destination_port)) {
    why +=
        " The port is that of a tunnel: its outer checksum is often left to a card that does "
        "not add it (tx-udp_tnl-csum-segmentation).";
  }
  return why;
}

Confidence confidence_of(const Facts& facts) {
  if (facts.sources.empty()) return Confidence::kLow;
  return facts.one_sender() && facts.samples >= kTellingSamples ? Confidence::kHigh
                                                                : Confidence::kMedium;
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  explanation.confidence = confidence_of(facts);
  explanation.title =
      fmt::format("{} lost with a wrong UDP checksum", packets_text(account.packets));
  if (facts.flow) {
    explanation.title +=
        fmt::format(", to {} port {}{}, {}", facts.flow->destination, facts.flow->destination_port,
                    facts.targets > 1 ? " and others" : "", senders_text(facts));
  }
  explanation.why = why_text(facts);
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  explanation.remedies = {look_at_them(facts)};
  if (!facts.sources.empty()) explanation.remedies.push_back(test_offload(facts));
  return explanation;
}

}  // namespace

extern const Cause udp_checksum;
const Cause udp_checksum = {.id = "udp.checksum", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
