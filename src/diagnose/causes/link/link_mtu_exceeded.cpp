// link.mtu-exceeded: a frame was handed to a device whose MTU is smaller than the sender's. Both
// ends of a veth pair have an MTU of their own, and so have a bridge and its ports; nothing makes
// them agree. is_skb_forwardable (net/core/dev.c) ends what is longer than MTU, link header and a
// VLAN tag together, and says NOT_SPECIFIED; no ICMP tells the sender.
//
// The same function ends packets to a device that is down. Told apart by the sampled lengths.

#include <algorithm>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "diagnose/cause.h"
#include "diagnose/path_programs.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose::causes {
namespace {

using model::Confidence;
using model::Device;

constexpr std::uint32_t kEthernetHeaderBytes = 14;
constexpr std::uint32_t kVlanTagBytes = 4;  // a frame may be that much longer, tagged or not

struct Facts {
  const Case& one;
  const Device* sender = nullptr;  // null: not known
  const Device* taker = nullptr;   // whose MTU is the limit
  // Sampled packets without the link header; 0 = none was sampled.
  std::uint32_t smallest_bytes = 0;
  std::uint32_t largest_bytes = 0;
  [[nodiscard]] std::uint32_t limit_bytes() const { return taker->mtu + kVlanTagBytes; }
};

const Device* peer_of(const model::Evidence& evidence, const Device& device) {
  if (!device.peer) return nullptr;
  const auto found = std::ranges::find_if(evidence.devices, [&](const Device& other) {
    return other.netns == device.peer->netns && other.name == device.peer->name && !other.vanished;
  });
  return found == evidence.devices.end() ? nullptr : &*found;
}

Facts facts_of(const Case& one) {
  Facts facts{.one = one};
  for (const auto index : one.booked.tallies) {
    const auto& tally = one.evidence.drops.tallies[index];
    facts.sender = model::find_device(one.evidence, tally.netns, tally.ifindex);
    // A bridge hands the frame to its port; everything else hands it to its other end.
    const bool by_bridge = tally.symbol.starts_with("br_");
    if (facts.sender == nullptr) continue;
    facts.taker = by_bridge ? facts.sender : peer_of(one.evidence, *facts.sender);
  }
  for (const auto* sample : samples_of(one.evidence, one.booked)) {
    if (sample->length_bytes <= kEthernetHeaderBytes) continue;
    const auto bytes = sample->length_bytes - kEthernetHeaderBytes;
    facts.largest_bytes = std::max(facts.largest_bytes, bytes);
    facts.smallest_bytes =
        facts.smallest_bytes == 0 ? bytes : std::min(facts.smallest_bytes, bytes);
  }
  return facts;
}

std::string named(const Facts& facts, const Device& device) {
  return device_text(facts.one.evidence, {.netns = device.netns, .dev = device.name});
}

bool is_down(const Device& device) {
  return device.operstate == "down" || device.operstate == "lowerlayerdown";
}

// Packets that its MTU would let through ended for another reason: it was down, or is not what it
// was then.
bool is_somebody_elses(const Facts& facts) {
  if (facts.taker == nullptr) return false;
  if (facts.largest_bytes > 0) return facts.largest_bytes <= facts.limit_bytes();
  return is_down(*facts.taker) || facts.sender->mtu <= facts.taker->mtu;
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  auto& proofs = explanation.evidence;
  const auto add_mtu = [&](const Device& device, const char* role) {
    proofs.push_back({fmt::format("{} {} has an MTU of {}", role, named(facts, device), device.mtu),
                      "link.mtu", static_cast<double>(device.mtu)});
  };
  const bool same = facts.sender == facts.taker;
  if (facts.sender != nullptr && !same) add_mtu(*facts.sender, "the sending end");
  if (facts.taker != nullptr) add_mtu(*facts.taker, same ? "the port" : "the receiving end");
  if (facts.largest_bytes > 0) {
    proofs.push_back({facts.smallest_bytes == facts.largest_bytes
                          ? fmt::format("sampled packets had {} bytes", facts.largest_bytes)
                          : fmt::format("sampled packets had {} to {} bytes", facts.smallest_bytes,
                                        facts.largest_bytes),
                      "drops.samples", static_cast<double>(facts.largest_bytes)});
  }
}

// The other end's `link set mtu`.
model::Remedy set_mtu(const Facts& facts, const Device& device, std::uint32_t mtu) {
  const auto in = [&](const std::string& arguments) {
    return iproute_in(facts.one.evidence, device.netns, "ip", arguments);
  };
  const auto command = [&](std::uint32_t value) {
    return in(fmt::format("link set dev {} mtu {}", device.name, value));
  };
  model::Remedy remedy{.kind = "link", .command = command(mtu)};
  remedy.set = {{.target = fmt::format("mtu of {}", device.name),
                 .netns = device.netns,
                 .from = std::to_string(device.mtu),
                 .to = std::to_string(mtu)}};
  remedy.undo = command(device.mtu);
  remedy.verify = in(fmt::format("link show dev {}", device.name));
  remedy.tunable = true;
  return remedy;
}

void add_remedies(const Facts& facts, Explanation& explanation) {
  auto& remedies = explanation.remedies;
  if (facts.taker == nullptr) {
    const auto& at = facts.one.account().at;
    remedies.push_back(
        {.id = "show-mtu",
         .kind = "print",
         .command = iproute_in(facts.one.evidence, at.netns, "ip",
                               at.dev.empty() ? "-d link show" : "-d link show dev " + at.dev),
         .sized_from = "nothing: it shows the MTU, and where the other end is"});
    return;
  }
  const auto& [sender, taker] = std::tie(*facts.sender, *facts.taker);
  const auto wanted = std::max(sender.mtu, facts.largest_bytes);
  auto raise = set_mtu(facts, taker, wanted);
  raise.id = "link.mtu";
  raise.sized_from =
      facts.largest_bytes == 0
          ? fmt::format("the sending end sends up to {} bytes; no packet was sampled", sender.mtu)
          : fmt::format("the largest sampled packet had {} bytes, the sending end sends up to {}",
                        facts.largest_bytes, sender.mtu);
  raise.risk =
      fmt::format("whatever is behind {} has to take packets of {} bytes too", taker.name, wanted);
  remedies.push_back(std::move(raise));
  if (sender.mtu <= taker.mtu) return;
  auto lower = set_mtu(facts, sender, taker.mtu);
  lower.id = "link.sender-mtu";
  lower.sized_from =
      fmt::format("the receiving end takes {}; for where it has to stay so", taker.mtu);
  lower.risk =
      "larger datagrams are fragmented, or refused where they may not be; connections that are "
      "open keep their segment size until they notice";
  remedies.push_back(std::move(lower));
}

void rule_out(const Facts& facts, Explanation& explanation) {
  auto& out = explanation.ruled_out;
  if (facts.taker != nullptr && !is_down(*facts.taker) && facts.largest_bytes > 0) {
    out.push_back(
        {"link.device-down", fmt::format("{} is {}, and no sampled packet would have fitted",
                                         facts.taker->name, facts.taker->operstate)});
  }
  const auto& at = facts.one.account().at;
  const auto fails = model::counter_id("snmp.Ip.FragFails", {{"netns", at.netns}});
  const auto& timeline = facts.one.evidence.timeline;
  if (timeline.counter(fails) != nullptr && timeline.rise(fails) == 0) {
    out.push_back(
        {"ip.packet-too-big", "Ip FragFails did not move: IP thought that the packets fit"});
  }
}

std::optional<Explanation> explain(const Case& one) {
  const auto& account = one.account();
  const Facts facts = facts_of(one);
  if (is_somebody_elses(facts)) return {};
  const auto packets = packets_text(account.packets);
  Explanation explanation;
  explanation.severity = loss_severity(one.evidence, account);
  if (facts.taker == nullptr) {
    explanation.confidence = Confidence::kLow;
    explanation.title = fmt::format(
        "{} lost at {}: too large for the device that they were handed "
        "to, or that device is down",
        packets, device_text(one.evidence, account.at));
    explanation.why =
        "The kernel hands a frame on only to a device that is up and whose MTU holds it. Which "
        "device this was could not be seen.";
  } else {
    explanation.confidence = facts.largest_bytes > 0 ? Confidence::kHigh : Confidence::kMedium;
    explanation.title = fmt::format("{} lost at {}: larger than the MTU of {}, {}", packets,
                                    device_text(one.evidence, account.at),
                                    named(facts, *facts.taker), facts.taker->mtu);
    const auto sends =
        facts.sender == facts.taker
            ? std::string("the bridge forwards longer ones")
            : fmt::format("{} sends up to {}", facts.sender->name, facts.sender->mtu);
    explanation.why = fmt::format(
        "{} takes packets of {} bytes at most (and room for a VLAN tag), but {}: nothing makes the "
        "MTUs of devices that hand frames to each other agree. No ICMP tells the sender, so path "
        "MTU discovery does not help.",
        named(facts, *facts.taker), facts.taker->mtu, sends);
  }
  add_proofs(facts, explanation);
  rule_out(facts, explanation);
  add_remedies(facts, explanation);
  return explanation;
}

}  // namespace

extern const Cause link_mtu_exceeded;
const Cause link_mtu_exceeded = {.id = "link.mtu-exceeded", .needs = {}, .explain = explain};

}  // namespace diagnose::causes
