// Reads the chains of nftables, and which of their rules can drop a packet.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sources/source.h"

namespace sources {

// A map whose values are verdicts, which a rule looks a packet up in.
struct VerdictMap {
  std::uint8_t family = 0;  // NFPROTO_…
  std::string table;
  std::string name;
  friend auto operator<=>(const VerdictMap&, const VerdictMap&) = default;
};

// What the rules of a chain, or the elements of a map, can do with a packet.
struct Verdicts {
  std::uint32_t drops = 0;
  std::vector<std::string> leads_to;  // chains, each once
};

// The chains of NFT_MSG_NEWCHAIN messages, without rules.
[[nodiscard]] std::vector<model::FirewallChain> parse_nft_chains(
    std::span<const base::NetlinkMessage> messages, const model::Inode& netns);

// The verdict maps that the rules of NFT_MSG_NEWRULE messages look packets up in.
[[nodiscard]] std::set<VerdictMap> parse_nft_maps(std::span<const base::NetlinkMessage> rules);

// What the elements of one verdict map say, of NFT_MSG_NEWSETELEM messages.
[[nodiscard]] Verdicts parse_nft_elements(std::span<const base::NetlinkMessage> messages);

// Counts in each chain the rules that drop (or reject: that answers, and drops) and notes where its
// rules lead. A rule with a map that can drop counts once.
void add_nft_rules(std::span<const base::NetlinkMessage> rules,
                   const std::map<VerdictMap, Verdicts>& maps,
                   std::vector<model::FirewallChain>& chains);

// All rules of the namespace, as NFT_MSG_NEWRULE messages; none where the kernel has no nftables.
[[nodiscard]] base::Result<std::vector<base::NetlinkMessage>> read_nft_rules(const Access& access);

// Counters `nft.packets` and `nft.bytes` {chain,family,handle,netns,table} of each rule that has
// a counter; a second one of the same rule has a label `nth`. Settings `nft.rules`: how many each
// chain has.
void tell_nft_counters(std::span<const base::NetlinkMessage> rules, const model::Inode& netns,
                       Look& look);

}  // namespace sources
