// What is known of a firewall's drops: at which hook packets died, and which chains may have said
// so. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/ledger.h"
#include "model/evidence.h"

namespace diagnose {

// A place in the kernel where chains of the firewall are asked.
struct Hook {
  std::string_view family;  // "ip", "ip6", "arp", "bridge" or "netdev"
  std::string_view name;    // "prerouting", "input", …, as in model::FirewallChain
  std::string_view caller;  // the function that asked: "ip_local_deliver"
  friend bool operator==(const Hook&, const Hook&) = default;
};

// The innermost hook that a stack went through; nothing where it shows none.
[[nodiscard]] std::optional<Hook> hook_of(const std::vector<std::string>& stack);

// Which part of the firewall said drop, by the function that freed the packet.
enum class Decider : std::uint8_t {
  kNftables,     // nft_do_chain: a rule or a policy of nftables
  kNotNftables,  // nf_hook_slow, where nftables would have freed it itself: iptables or connection
                 // tracking
  kAnyone,       // nf_hook_slow before Linux 6.7: whatever the hook asked
};
[[nodiscard]] Decider decider_of(std::string_view symbol, std::string_view kernel);

// Where most of an account's packets died.
struct FirewallPoint {
  std::optional<Hook> hook;  // nothing: no sample shows it
  Decider decider = Decider::kAnyone;
  std::string symbol;       // the function that freed them
  std::uint64_t seen = 0;   // samples that died there
  std::uint64_t other = 0;  // samples of the account that died at other hooks
};
[[nodiscard]] FirewallPoint firewall_point(const model::Evidence& evidence, const Booked& booked);

// A chain that the hook calls and that can drop a packet, by itself or through others.
struct Suspect {
  const model::FirewallChain* base = nullptr;
  std::vector<const model::FirewallChain*> droppers;  // chains with rules that drop, `base` first
  [[nodiscard]] bool policy_drops() const { return base->policy == "drop"; }
};

// Those that may have dropped the account's packets, in the order in which the hook calls them;
// chains of the other way through the host where the hook is not known are left out.
[[nodiscard]] std::vector<Suspect> firewall_suspects(const model::Evidence& evidence,
                                                     const Booked& booked,
                                                     const FirewallPoint& point);

}  // namespace diagnose
