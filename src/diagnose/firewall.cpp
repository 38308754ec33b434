#include "diagnose/firewall.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "diagnose/samples.h"

namespace diagnose {
namespace {

using model::Evidence;
using model::FirewallChain;

// The function that calls nf_hook_slow at each hook, as seen on Linux 6.18; nf_hook itself is
// inlined into it. Bridges hand IP packets to the hooks of IP by br_netfilter, whose functions lie
// closer in.
constexpr auto kHooks = std::to_array<Hook>({
    {"ip", "prerouting", "ip_rcv"},
    {"ip", "prerouting", "ip_sublist_rcv"},
    {"ip", "prerouting", "ip_list_rcv"},
    {"ip", "prerouting", "br_nf_pre_routing"},
    {"ip", "input", "ip_local_deliver"},
    {"ip", "forward", "ip_forward"},
    {"ip", "forward", "ip_mr_forward"},
    {"ip", "forward", "ipmr_queue_fwd_xmit"},
    {"ip", "forward", "br_nf_forward"},
    {"ip", "forward", "br_nf_forward_ip"},
    {"ip", "output", "__ip_local_out"},
    {"ip", "output", "raw_sendmsg"},
    {"ip", "output", "raw_send_hdrinc"},
    {"ip", "postrouting", "ip_output"},
    {"ip", "postrouting", "ip_mc_output"},
    {"ip", "postrouting", "xfrm4_output"},
    {"ip", "postrouting", "br_nf_post_routing"},
    {"ip6", "prerouting", "ipv6_rcv"},
    {"ip6", "prerouting", "ip6_sublist_rcv"},
    {"ip6", "prerouting", "ipv6_list_rcv"},
    {"ip6", "prerouting", "br_nf_pre_routing_ipv6"},
    {"ip6", "input", "ip6_input"},
    {"ip6", "input", "ip6_mc_input"},
    {"ip6", "forward", "ip6_forward"},
    {"ip6", "forward", "ip6mr_forward2"},
    {"ip6", "output", "__ip6_local_out"},
    {"ip6", "output", "ip6_xmit"},
    {"ip6", "output", "rawv6_sendmsg"},
    {"ip6", "output", "ndisc_send_skb"},
    {"ip6", "output", "mld_sendpack"},
    {"ip6", "postrouting", "ip6_output"},
    {"ip6", "postrouting", "xfrm6_output"},
    {"arp", "input", "arp_rcv"},
    {"arp", "output", "arp_xmit"},
    {"bridge", "prerouting", "br_handle_frame"},
    {"bridge", "input", "br_pass_frame_up"},
    {"bridge", "forward", "__br_forward"},
    {"bridge", "postrouting", "br_forward_finish"},
    {"netdev", "ingress", "__netif_receive_skb_core"},
    {"netdev", "egress", "__dev_queue_xmit"},
});

// "ip_rcv" of "ip_rcv+0x1c" and of "ip_rcv.constprop.0+0x1c".
std::string_view function_of(std::string_view frame) {
  return frame.substr(0, frame.find_first_of("+. "));
}

// __br_forward asks the hook forward for what a port of the bridge received, and output for what
// was sent by the bridge's own device.
bool was_made_by_the_bridge(const std::vector<std::string>& stack) {
  for (const auto& frame : stack) {
    if (function_of(frame) == "br_handle_frame") return false;
    if (function_of(frame) == "br_dev_xmit") return true;
  }
  return false;
}

// "6.18.44-x" is as new as 6.7.
bool is_as_new_as(std::string_view kernel, int major, int minor) {
  const auto parts = base::split(kernel, '.');
  if (parts.size() < 2) return false;
  const auto first = base::parse_number<int>(parts[0]);
  const auto digits = parts[1].substr(0, parts[1].find_first_not_of("0123456789"));
  const auto second = base::parse_number<int>(digits);
  return first && second && std::pair(*first, *second) >= std::pair(major, minor);
}

bool is_backend(const FirewallChain& chain, Decider decider) {
  if (decider == Decider::kAnyone) return true;
  return (chain.backend == "nftables") == (decider == Decider::kNftables);
}

bool is_of_family(const FirewallChain& chain, std::string_view family) {
  if (chain.family == family) return true;
  // Chains of family inet see IPv4 and IPv6, and stand at ingress, too.
  return chain.family == "inet" && family != "arp" && family != "bridge";
}

bool is_at(const FirewallChain& chain, const FirewallPoint& point, bool outward) {
  if (point.hook) return chain.hook == point.hook->name && is_of_family(chain, point.hook->family);
  const bool leaves = chain.hook == "output" || chain.hook == "egress";
  // What is forwarded passes postrouting as well.
  return chain.hook == "postrouting" || (!chain.hook.empty() && leaves == outward);
}

// Chains at a device see that device's packets only.
bool is_on_a_device_of(const FirewallChain& chain, const std::string& device) {
  if (chain.device.empty() || device.empty()) return true;
  const auto devices = base::split(chain.device, ',');
  return std::ranges::find(devices, device) != devices.end();
}

// The chains by all that makes a name unique.
using Name = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view,
                        std::string_view>;
using Index = std::map<Name, const FirewallChain*>;

Name name_in(const FirewallChain& like, std::string_view name) {
  return {like.netns, like.backend, like.family, like.table, name};
}

Index index_of(const Evidence& evidence) {
  Index index;
  for (const auto& chain : evidence.firewall_chains) index[name_in(chain, chain.name)] = &chain;
  return index;
}

// `from` and every chain that its rules lead to, each once.
std::vector<const FirewallChain*> reachable(const Index& index, const FirewallChain& from) {
  std::vector<const FirewallChain*> found = {&from};
  std::set<const FirewallChain*> seen = {&from};
  for (std::size_t at = 0; at < found.size(); ++at) {
    const FirewallChain& chain = *found[at];
    for (const auto& name : chain.leads_to) {
      const auto next = index.find(name_in(chain, name));
      if (next != index.end() && seen.insert(next->second).second) found.push_back(next->second);
    }
  }
  return found;
}

std::optional<Suspect> suspect_of(const Index& index, const FirewallChain& base) {
  Suspect suspect{&base, reachable(index, base)};
  std::erase_if(suspect.droppers, [](const auto* chain) { return chain->drop_rules == 0; });
  if (suspect.droppers.empty() && !suspect.policy_drops()) return {};
  return suspect;
}

}  // namespace

std::optional<Hook> hook_of(const std::vector<std::string>& stack) {
  for (const auto& frame : stack) {
    const auto found = std::ranges::find(kHooks, function_of(frame), &Hook::caller);
    if (found == kHooks.end()) continue;
    if (found->caller == "__br_forward" && was_made_by_the_bridge(stack)) {
      return Hook{found->family, "output", found->caller};
    }
    return *found;
  }
  return {};
}

Decider decider_of(std::string_view symbol, std::string_view kernel) {
  if (symbol.starts_with("nft_")) return Decider::kNftables;
  // Since Linux 6.7 nft_do_chain frees what it drops itself (NF_DROP_REASON).
  return is_as_new_as(kernel, 6, 7) ? Decider::kNotNftables : Decider::kAnyone;
}

FirewallPoint firewall_point(const Evidence& evidence, const Booked& booked) {
  FirewallPoint point;
  struct Spot {
    std::string symbol;
    std::optional<Hook> hook;
    std::uint64_t samples = 0;
  };
  std::vector<Spot> spots;
  for (const auto* sample : samples_of(evidence, booked)) {
    const auto hook = hook_of(sample->stack);
    if (!hook) continue;
    const auto& symbol = evidence.drops.tallies[sample->tally].symbol;
    const auto same = std::ranges::find_if(
        spots, [&](const Spot& one) { return one.symbol == symbol && one.hook == hook; });
    if (same != spots.end()) {
      ++same->samples;
    } else {
      spots.push_back({symbol, hook, 1});
    }
  }
  const auto most = std::ranges::max_element(spots, {}, &Spot::samples);
  if (most != spots.end()) {
    point.hook = most->hook;
    point.symbol = most->symbol;
    point.seen = most->samples;
    for (const auto& spot : spots) point.other += spot.samples;
    point.other -= most->samples;
  } else if (!booked.tallies.empty()) {
    const auto packets = [&](std::uint32_t at) { return evidence.drops.tallies[at].packets; };
    point.symbol =
        evidence.drops.tallies[*std::ranges::max_element(booked.tallies, {}, packets)].symbol;
  }
  point.decider = decider_of(point.symbol, evidence.host.kernel);
  return point;
}

std::vector<Suspect> firewall_suspects(const Evidence& evidence, const Booked& booked,
                                       const FirewallPoint& point) {
  const auto& account = booked.account;
  const bool outward = account.direction == model::Direction::kSend;
  const Index index = index_of(evidence);
  std::vector<Suspect> suspects;
  for (const auto& chain : evidence.firewall_chains) {
    if (chain.netns != account.at.netns || !is_backend(chain, point.decider) ||
        !is_at(chain, point, outward) || !is_on_a_device_of(chain, account.at.dev)) {
      continue;
    }
    if (auto suspect = suspect_of(index, chain)) suspects.push_back(std::move(*suspect));
  }
  std::ranges::stable_sort(suspects, {}, [](const Suspect& one) { return one.base->priority; });
  return suspects;
}

}  // namespace diagnose
