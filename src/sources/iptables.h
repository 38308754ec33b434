// Reads the chains of iptables and ip6tables (the "legacy" kind: those of iptables-nft are chains
// of nftables), and which of their rules can drop a packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sources/source.h"

namespace sources {

enum class XtFamily : std::uint8_t { kIpv4, kIpv6 };

// The chains of one table. `info` is struct ipt_getinfo, `entries` struct ipt_get_entries, as the
// kernel gives them for IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES (those of IPv6 alike). Empty where
// they are damaged.
[[nodiscard]] std::vector<model::FirewallChain> parse_xtables(XtFamily family,
                                                              std::span<const std::byte> info,
                                                              std::span<const std::byte> entries,
                                                              const model::Inode& netns);

// What every rule of one table counted: counters `iptables.packets` and `iptables.bytes`
// {chain,family,netns,rule,table}, `rule` its number as `iptables -L --line-numbers` gives it, or
// "policy".
void tell_xtables_counters(XtFamily family, std::span<const std::byte> info,
                           std::span<const std::byte> entries, const model::Inode& netns,
                           Look& look);

// Tells the counters of all tables of the namespace. Error: they may not be read.
[[nodiscard]] base::Status read_xtables_counters(const Access& access, XtFamily family, Look& look);

}  // namespace sources
