// All drops of the firewall are freed with one reason, NETFILTER_DROP. What tells more:
//
//   the hook    by the function on the stack that asked the firewall (diagnose/firewall.h);
//   the decider nft_do_chain frees what nftables drops (since Linux 6.7), nf_hook_slow what
//               iptables or connection tracking drops;
//   the chain   by what the chains at that hook can do: one that neither has a rule that drops, nor
//               leads to one, nor has the policy drop, is innocent.
//
// Connection tracking drops for want of room with the same reason, at hooks of its own
// (net/netfilter/nf_conntrack_proto.c): a full table at prerouting and output, where connections
// are looked up; a failed insertion, also for want of a free port of NAT, at input and postrouting,
// where they are confirmed. Never inside nft_do_chain.

#include "diagnose/rule_drop.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/firewall.h"
#include "diagnose/remedies.h"
#include "diagnose/samples.h"

namespace diagnose {
namespace {

using base::grouped;
using model::Confidence;
using model::FirewallChain;

// More chains than this are counted, not shown.
constexpr std::size_t kMostShown = 4;

struct Facts {
  const Case& one;
  FirewallPoint point;
  std::vector<Suspect> suspects;
  std::optional<model::Flow> flow;
  std::string sender;  // the process whose send() was refused; "" = not known
  [[nodiscard]] bool outward() const { return one.account().direction == model::Direction::kSend; }
};

bool begins_with_one_of(std::string_view frame, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](auto name) { return frame.starts_with(name); });
}

// The process that ran is the one that sent, where the stack leads from a system call to the drop
// without a softirq in between, in which packets of anybody are worked on.
bool runs_in_its_sender(const model::DropSample& sample) {
  bool in_system_call = false;
  for (const auto& frame : sample.stack) {
    if (begins_with_one_of(frame, {"handle_softirqs", "__do_softirq", "net_rx_action"})) {
      return false;
    }
    in_system_call |= begins_with_one_of(frame, {"__x64_sys_", "__arm64_sys_", "__sys_"});
  }
  return in_system_call;
}

std::string sender_of(const Case& one) {
  std::map<std::string, int> seen;
  for (const auto* sample : samples_of(one.evidence, one.booked)) {
    if (runs_in_its_sender(*sample) && !sample->comm.empty()) ++seen[sample->comm];
  }
  const auto most =
      std::ranges::max_element(seen, {}, [](const auto& entry) { return entry.second; });
  return most == seen.end() ? "" : most->first;
}

// Where most of the samples went; nothing where they went to many places. Clients change their
// port.
std::optional<model::Flow> main_flow(const Case& one) {
  const auto flow = common_flow(one.evidence, one.booked, true);
  if (!flow) return {};
  std::size_t alike = 0;
  const auto samples = samples_of(one.evidence, one.booked);
  for (const auto* sample : samples) {
    alike += sample->flow && sample->flow->destination == flow->destination &&
             sample->flow->destination_port == flow->destination_port;
  }
  return 2 * alike >= samples.size() ? flow : std::nullopt;
}

Facts facts_of(const Case& one) {
  Facts facts{.one = one, .point = firewall_point(one.evidence, one.booked)};
  facts.suspects = firewall_suspects(one.evidence, one.booked, facts.point);
  facts.flow = main_flow(one);
  if (facts.outward()) facts.sender = sender_of(one);
  return facts;
}

// "chain incoming of table inet shop", "chain INPUT of table filter (iptables)".
std::string chain_text(const FirewallChain& chain) {
  if (chain.backend == "nftables") {
    return fmt::format("chain {} of table {} {}", chain.name, chain.family, chain.table);
  }
  return fmt::format("chain {} of table {} ({})", chain.name, chain.table,
                     chain.family == "ip6" ? "ip6tables" : "iptables");
}

std::string hook_text(const Facts& facts) {
  if (!facts.point.hook) return "a hook that no sample shows";
  const auto& hook = *facts.point.hook;
  std::string whose(hook.family);
  if (hook.family == "ip") whose = "IPv4";
  if (hook.family == "ip6") whose = "IPv6";
  if (hook.family == "arp") whose = "ARP";
  if (hook.family == "bridge") whose = "the bridge";
  const auto& device = facts.one.account().at.dev;
  if (hook.family == "netdev") whose = device.empty() ? "a device" : "device " + device;
  return fmt::format("the {} hook of {}", hook.name, whose);
}

std::string target_text(const Facts& facts) {
  if (!facts.flow) return "";
  const auto port = facts.flow->destination_port;
  return fmt::format(" to {}{}", facts.flow->destination,
                     port == 0 ? "" : fmt::format(" port {}", port));
}

// Who dropped, as far as it is known.
std::string decider_text(const Facts& facts) {
  const auto& suspects = facts.suspects;
  if (suspects.size() == 1) return chain_text(*suspects.front().base);
  if (suspects.size() > 1) {
    std::vector<std::string> names;
    for (const auto& suspect : suspects) {
      if (names.size() < kMostShown) names.push_back(chain_text(*suspect.base));
    }
    const auto more = suspects.size() - names.size();
    return fmt::format("one of {}{}", fmt::join(names, ", "),
                       more == 0 ? "" : fmt::format(" and {} more", more));
  }
  switch (facts.point.decider) {
    case Decider::kNftables:
      return "a chain of nftables that could not be named";
    case Decider::kNotNftables:
      return "iptables or connection tracking";
    case Decider::kAnyone:
      break;
  }
  return "a firewall rule or connection tracking";
}

// How the chain of a suspect comes to drop.
std::string how_text(const Suspect& suspect) {
  std::vector<std::string> ways;
  for (const auto* chain : suspect.droppers) {
    if (ways.size() >= kMostShown) break;
    ways.push_back(fmt::format("{} rule{} that drop{}{}", chain->drop_rules,
                               chain->drop_rules == 1 ? "" : "s", chain->drop_rules == 1 ? "s" : "",
                               chain == suspect.base ? "" : " in chain " + chain->name));
  }
  if (suspect.policy_drops()) ways.push_back("the policy drop for what no rule accepted");
  return fmt::format("{}", fmt::join(ways, ", "));
}

void add_proofs(const Facts& facts, Explanation& explanation) {
  const auto& point = facts.point;
  auto& proofs = explanation.evidence;
  if (facts.flow) {
    proofs.push_back({fmt::format("sampled: {} from {}{}", facts.flow->protocol, facts.flow->source,
                                  target_text(facts)),
                      "drops.samples",
                      {}});
  }
  if (point.hook) {
    proofs.push_back({fmt::format("{} of {} sampled stacks: freed in {}, asked by {}: {}",
                                  grouped(point.seen), grouped(point.seen + point.other),
                                  point.symbol, point.hook->caller, hook_text(facts)),
                      "drops.samples.stack", static_cast<double>(point.seen)});
  }
  for (std::size_t at = 0; at < std::min(facts.suspects.size(), kMostShown); ++at) {
    const auto& suspect = facts.suspects[at];
    const auto& base = *suspect.base;
    proofs.push_back(
        {fmt::format("{} (hook {}, priority {}{}) has {}", chain_text(base), base.hook,
                     base.priority, base.device.empty() ? "" : ", device " + base.device,
                     how_text(suspect)),
         model::counter_id("firewall.drop_rules", {{"chain", base.name},
                                                   {"family", base.family},
                                                   {"netns", base.netns},
                                                   {"table", base.table}}),
         static_cast<double>(base.drop_rules)});
  }
}

// A counter of the namespace that was read and stood still.
bool is_at(const FirewallPoint& point, std::initializer_list<std::string_view> hooks) {
  return point.hook && std::ranges::find(hooks, point.hook->name) != hooks.end();
}

void rule_out_connection_tracking(const Facts& facts, Explanation& explanation) {
  const auto& point = facts.point;
  auto& out = explanation.ruled_out;
  if (point.decider == Decider::kNftables) {
    out.push_back({"netfilter.conntrack-full",
                   "freed inside nft_do_chain, where only chains of nftables decide; connection "
                   "tracking has a hook of its own"});
    out.push_back({"netfilter.nat-exhausted",
                   "freed inside nft_do_chain; without a free port the packet dies later, when its "
                   "connection is confirmed"});
    return;
  }
  // Of other samples of the account the same cannot be said.
  if (!point.hook || point.other > 0) return;
  if (!is_at(point, {"prerouting", "output"})) {
    out.push_back({"netfilter.conntrack-full",
                   fmt::format("a full table drops at prerouting or output; these died at {}",
                               point.hook->name)});
  }
  if (!is_at(point, {"input", "postrouting"})) {
    out.push_back({"netfilter.nat-exhausted",
                   fmt::format("without a free port a packet dies at input or postrouting, when "
                               "its connection is confirmed; these died at {}",
                               point.hook->name)});
  }
}

void rule_out_routing_and_ports(const Facts& facts, Explanation& explanation) {
  const auto& netns = facts.one.account().at.netns;
  const bool outward = facts.outward();
  const bool six = facts.point.hook && facts.point.hook->family == "ip6";
  const auto* routes = six       ? (outward ? "snmp6.Ip6OutNoRoutes" : "snmp6.Ip6InNoRoutes")
                       : outward ? "snmp.Ip.OutNoRoutes"
                                 : "netstat.IpExt.InNoRoutes";
  if (stood_still(facts.one.evidence, routes, netns)) {
    explanation.ruled_out.push_back(
        {outward ? "route.no-route" : "ip.no-route",
         fmt::format("{} did not move: every packet had a route", routes)});
  }
  const auto* ports = six ? "snmp6.Udp6NoPorts" : "snmp.Udp.NoPorts";
  const bool udp = facts.flow && facts.flow->protocol == "udp";
  if (!outward && udp && stood_still(facts.one.evidence, ports, netns)) {
    explanation.ruled_out.push_back(
        {"udp.no-listener",
         fmt::format("{} did not move: no datagram came as far as a closed port", ports)});
  }
}

// What could not be excluded where the firewall and connection tracking look alike.
std::string open_question(const Facts& facts) {
  if (facts.point.decider == Decider::kNftables) return "";
  const auto& messages = facts.one.evidence.kernel_messages;
  const bool told = std::ranges::any_of(messages, [](const model::KernelMessage& message) {
    return message.kind == "table-full" && message.text.find("conntrack") != std::string::npos;
  });
  if (told) {
    return " But the kernel's log says that the connection tracking table was full, and such drops "
           "look the same: compare `conntrack -S` (drop, insert_failed) before and after.";
  }
  const bool known = facts.point.hook && facts.point.other == 0;
  const bool full = !known || is_at(facts.point, {"prerouting", "output"});
  const bool insertion = !known || is_at(facts.point, {"input", "postrouting"});
  if (!full && !insertion) return "";
  return fmt::format(
      " Connection tracking drops at this hook with the same reason ({}), and its counters are not "
      "read: `conntrack -S` (drop, insert_failed) would show it.",
      !insertion ? "when its table is full"
      : !full    ? "when a connection cannot be inserted, as without a free port for NAT"
                 : "when its table is full, or NAT has no free port");
}

// What the sender saw of it. The hooks of IP hand EPERM back (ip_local_out, ip_output); those of
// devices, bridges and ARP lie behind a call whose answer is not handed on: there send() succeeded.
std::string told_text(const Facts& facts) {
  const auto sender = facts.sender.empty() ? std::string("The sender") : facts.sender;
  const auto& hook = facts.point.hook;
  if (!hook) return "";
  if (hook->family != "ip" && hook->family != "ip6") return " " + sender + " was not told.";
  return fmt::format(
      " {} was told: send() of a datagram socket fails with EPERM (\"Operation not permitted\"), "
      "while TCP tries again until it gives up.",
      sender);
}

std::string why_of(const Facts& facts) {
  std::string why = fmt::format("The packets died at {}", hook_text(facts));
  if (facts.suspects.size() == 1) {
    const auto& suspect = facts.suspects.front();
    why += fmt::format(", where of all chains only {} can drop: it has {}.",
                       chain_text(*suspect.base), how_text(suspect));
  } else if (facts.suspects.empty()) {
    const bool any = std::ranges::count(facts.one.evidence.firewall_chains,
                                        facts.one.account().at.netns, &FirewallChain::netns) > 0;
    why += any ? ", where no chain that was seen can drop."
               : ". Which chain dropped them is not known: none was seen in this namespace.";
  } else {
    why += fmt::format(", where {} chains can drop.", facts.suspects.size());
  }
  why += open_question(facts);
  if (facts.point.other > 0) {
    why += fmt::format(" {} of {} sampled packets died at other hooks.", grouped(facts.point.other),
                       grouped(facts.point.seen + facts.point.other));
  }
  if (!facts.outward()) return why + " Somebody asked for this: it is a decision, not a fault.";
  return why + told_text(facts);
}

std::string list_command(const Facts& facts, const FirewallChain& chain) {
  const auto quoted = [](const std::string& word) { return base::shell_quoted(word); };
  const auto command =
      chain.backend == "nftables"
          ? fmt::format("nft -a list chain {} {} {}", chain.family, quoted(chain.table),
                        quoted(chain.name))
          : fmt::format("{} -t {} -L {} -nv --line-numbers",
                        chain.family == "ip6" ? "ip6tables-legacy" : "iptables-legacy",
                        quoted(chain.table), quoted(chain.name));
  return command_in(facts.one.evidence, chain.netns, command);
}

model::Remedy show_chain(const Facts& facts, const std::string& command) {
  model::Remedy remedy{.id = "show-chain", .kind = "print", .command = command};
  remedy.sized_from = fmt::format(
      "nothing: it shows the rules with their handles or numbers. Whether {} may pass is a "
      "decision of policy; a rule that lets them through has to stand before the one that drops",
      facts.flow ? "packets" + target_text(facts) : "these packets");
  remedy.verify = facts.point.hook
                      ? fmt::format("whydrop diagnose: no NETFILTER_DROP at {}", hook_text(facts))
                      : "whydrop diagnose: no NETFILTER_DROP";
  return remedy;
}

void add_remedies(const Facts& facts, Explanation& explanation) {
  std::vector<const FirewallChain*> shown;
  for (const auto& suspect : facts.suspects) {
    shown.push_back(suspect.base);
    for (const auto* chain : suspect.droppers) {
      if (chain != suspect.base) shown.push_back(chain);
    }
  }
  auto& remedies = explanation.remedies;
  for (const auto* chain : shown) {
    if (remedies.size() < kMostShown) {
      remedies.push_back(show_chain(facts, list_command(facts, *chain)));
    }
  }
  if (remedies.empty()) {
    const auto netns = facts.one.account().at.netns;
    if (facts.point.decider != Decider::kNotNftables) {
      remedies.push_back(
          show_chain(facts, command_in(facts.one.evidence, netns, "nft -a list ruleset")));
    }
    if (facts.point.decider != Decider::kNftables) {
      remedies.push_back(
          show_chain(facts, command_in(facts.one.evidence, netns, "iptables-legacy-save -c")));
      remedies.push_back(show_chain(facts, command_in(facts.one.evidence, netns, "conntrack -S")));
      remedies.back().sized_from =
          "nothing: drop and insert_failed rise where connection tracking drops";
    }
  }
  for (std::size_t at = 1; at < remedies.size(); ++at) {
    remedies[at].id += fmt::format("-{}", at + 1);
  }
}

Confidence confidence_of(const Facts& facts) {
  if (!facts.point.hook || facts.suspects.empty()) return Confidence::kLow;
  if (facts.suspects.size() > 1 || facts.point.other > 0) return Confidence::kMedium;
  return open_question(facts).empty() ? Confidence::kHigh : Confidence::kMedium;
}

}  // namespace

std::optional<Explanation> explain_rule_drop(const Case& one) {
  const Facts facts = facts_of(one);
  if (facts.point.symbol.find("reinject") != std::string::npos) return {};
  Explanation explanation;
  explanation.severity = refusal_severity(one.evidence, one.account());
  explanation.confidence = confidence_of(facts);
  explanation.title =
      fmt::format("{}{}{} dropped by the firewall at {}: {}", packets_text(one.account().packets),
                  facts.sender.empty() ? "" : " of " + facts.sender, target_text(facts),
                  hook_text(facts), decider_text(facts));
  explanation.why = why_of(facts);
  add_proofs(facts, explanation);
  rule_out_connection_tracking(facts, explanation);
  rule_out_routing_and_ports(facts, explanation);
  add_remedies(facts, explanation);
  return explanation;
}

}  // namespace diagnose
