// Two socket options per table: its hooks and size, then all its rules as one block, as
// `iptables -L` reads them. To ask for a table that does not exist makes the kernel create it
// (xt_find_table_lock), so only tables named in /proc/net/ip_tables_names are asked for.
//
// In the block, rules stand one after the other in the order of the chains. A chain that is not
// called by a hook begins behind a rule with the target ERROR, which holds its name; one more such
// rule ends the table. The last rule of a hook's chain is its policy. A verdict of 0 or more is the
// offset of the rule to go on with, a negative one is -(NF_… + 1).
#include "sources/iptables.h"

#include <arpa/inet.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "base/descriptor.h"
#include "base/netlink.h"
#include "base/text.h"

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;
using Block = std::vector<std::byte>;
using model::FirewallChain;

constexpr int kAttempts = 3;
constexpr std::int32_t kDrop = -NF_DROP - 1;

// Only what is read of a rule.
struct Rule {
  std::uint32_t offset = 0;
  std::uint32_t next = 0;
  std::string target;          // "" for a plain verdict
  std::int32_t verdict = 0;    // of a plain verdict
  std::string begins_a_chain;  // its name: with target ERROR
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

std::string_view bounded_text(Bytes bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

// The rule at `offset`; nothing where it does not fit into the block.
template <class Entry>
std::optional<Rule> rule_at(Bytes block, std::uint32_t offset) {
  const Bytes entry = block.subspan(offset);
  if (entry.size() < sizeof(Entry)) return {};
  const auto field = [&](std::size_t at) {
    return base::read_plain<std::uint16_t>(entry.subspan(at)).value_or(0);
  };
  const std::size_t target_at = field(offsetof(Entry, target_offset));
  const std::size_t next_at = field(offsetof(Entry, next_offset));
  if (target_at < sizeof(Entry) || next_at > entry.size() ||
      next_at < target_at + sizeof(xt_entry_target)) {
    return {};
  }
  const Bytes target = entry.subspan(target_at, next_at - target_at);
  Rule rule{.offset = offset, .next = offset + static_cast<std::uint32_t>(next_at)};
  rule.target =
      bounded_text(target.subspan(offsetof(xt_entry_target, u.user.name), XT_EXTENSION_MAXNAMELEN));
  if (const auto counts = base::read_plain<xt_counters>(entry.subspan(offsetof(Entry, counters)))) {
    rule.packets = counts->pcnt;
    rule.bytes = counts->bcnt;
  }
  const Bytes data = target.subspan(sizeof(xt_entry_target));
  if (rule.target == XT_ERROR_TARGET) {
    rule.begins_a_chain = bounded_text(data);
  } else if (rule.target.empty()) {
    const auto verdict = base::read_plain<std::int32_t>(data);
    if (!verdict) return {};
    rule.verdict = *verdict;
  }
  return rule;
}

template <class Entry>
std::vector<Rule> rules_of(Bytes block) {
  std::vector<Rule> rules;
  for (std::uint32_t at = 0; at < block.size();) {
    auto rule = rule_at<Entry>(block, at);
    if (!rule) return {};
    at = rule->next;
    rules.push_back(std::move(*rule));
  }
  return rules;
}

// The chains of a table, by the offset of their first rule.
using Chains = std::map<std::uint32_t, FirewallChain>;

Chains empty_chains(const ipt_getinfo& info, const std::vector<Rule>& rules,
                    const FirewallChain& common) {
  constexpr std::array<std::array<std::string_view, 2>, NF_INET_NUMHOOKS> kHooks = {
      {{"PREROUTING", "prerouting"},
       {"INPUT", "input"},
       {"FORWARD", "forward"},
       {"OUTPUT", "output"},
       {"POSTROUTING", "postrouting"}}};
  Chains chains;
  for (std::size_t hook = 0; hook < kHooks.size(); ++hook) {
    if ((info.valid_hooks & 1U << hook) == 0) continue;
    auto& chain = chains[info.hook_entry[hook]];
    chain = common;
    chain.name = kHooks[hook][0];
    chain.hook = kHooks[hook][1];
  }
  for (const auto& rule : rules) {
    const bool ends_the_table = &rule == &rules.back();
    if (rule.begins_a_chain.empty() || ends_the_table) continue;
    auto& chain = chains[rule.next];
    chain = common;
    chain.name = rule.begins_a_chain;
  }
  return chains;
}

bool is_policy(const ipt_getinfo& info, const Rule& rule) {
  for (std::size_t hook = 0; hook < NF_INET_NUMHOOKS; ++hook) {
    if ((info.valid_hooks & 1U << hook) != 0 && info.underflow[hook] == rule.offset) return true;
  }
  return false;
}

void add_rule(const Rule& rule, const Chains& chains, FirewallChain& chain) {
  if (rule.target == "REJECT" || (rule.target.empty() && rule.verdict == kDrop)) {
    ++chain.drop_rules;
  }
  // A rule without a target goes on with the next one.
  if (!rule.target.empty() || rule.verdict < 0 ||
      static_cast<std::uint32_t>(rule.verdict) == rule.next) {
    return;
  }
  const auto to = chains.find(static_cast<std::uint32_t>(rule.verdict));
  if (to == chains.end()) return;
  const auto& name = to->second.name;
  if (std::ranges::find(chain.leads_to, name) == chain.leads_to.end()) {
    chain.leads_to.push_back(name);
  }
}

struct Table {
  ipt_getinfo info{};
  std::vector<Rule> rules;
  Chains chains;
};

// Empty where it is damaged.
Table table_of(XtFamily family, Bytes info, Bytes entries, const model::Inode& netns) {
  const auto head = base::read_plain<ipt_getinfo>(info);
  if (!head || entries.size() < sizeof(ipt_get_entries)) return {};
  const Bytes block = entries.subspan(sizeof(ipt_get_entries));
  const bool four = family == XtFamily::kIpv4;
  Table table{.info = *head,
              .rules = four ? rules_of<ipt_entry>(block) : rules_of<ip6t_entry>(block),
              .chains = {}};
  if (table.rules.empty()) return table;
  const FirewallChain common{.netns = netns,
                             .backend = "iptables",
                             .family = four ? "ip" : "ip6",
                             .table = std::string(bounded_text(info.first(sizeof head->name)))};
  table.chains = empty_chains(table.info, table.rules, common);
  return table;
}

// With each rule that stands in a chain, the chain, and whether it is the chain's policy.
void for_each_rule(Table& table,
                   const std::function<void(const Rule&, FirewallChain&, bool)>& take) {
  FirewallChain* current = nullptr;
  for (const auto& rule : table.rules) {
    if (const auto begins = table.chains.find(rule.offset); begins != table.chains.end()) {
      current = &begins->second;
    }
    if (current == nullptr) continue;
    const bool policy = is_policy(table.info, rule);
    take(rule, *current, policy);
    if (policy) current = nullptr;
  }
}

base::Result<Block> socket_option(const base::Descriptor& socket, int level, int option,
                                  Block block) {
  auto size = static_cast<socklen_t>(block.size());
  if (getsockopt(socket.get(), level, option, block.data(), &size) != 0) {
    return base::system_failure("read a table of iptables", errno);
  }
  block.resize(size);
  return block;
}

// struct ipt_get_entries for a table, with room for its rules behind it.
Block entries_request(const ipt_getinfo& info) {
  Block block(sizeof(ipt_get_entries) + info.size);
  std::memcpy(block.data(), info.name, sizeof info.name);
  std::memcpy(block.data() + offsetof(ipt_get_entries, size), &info.size, sizeof info.size);
  return block;
}

// Hands on a table: struct ipt_getinfo and struct ipt_get_entries.
base::Status read_table(XtFamily family, const std::string& table,
                        const std::function<void(Bytes, Bytes)>& take) {
  const bool four = family == XtFamily::kIpv4;
  const base::Descriptor socket(::socket(four ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return base::system_failure("open a socket to iptables", errno);
  const int level = four ? IPPROTO_IP : IPPROTO_IPV6;
  // The numbers, and the two structs, are the same for IPv6.
  ipt_getinfo wanted{};
  table.copy(wanted.name, sizeof wanted.name - 1);
  const auto bytes = std::as_bytes(std::span(&wanted, 1));
  const Block block(bytes.begin(), bytes.end());
  auto tried = base::Result<Block>(Block());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Block info = TRY(socket_option(socket, level, IPT_SO_GET_INFO, block));
    const auto known = base::read_plain<ipt_getinfo>(info);
    if (!known) return base::failure("read a table of iptables: cut short");
    tried = socket_option(socket, level, IPT_SO_GET_ENTRIES, entries_request(*known));
    if (tried) {
      take(info, *tried);
      return {};
    }
    if (tried.error().number != EAGAIN) break;  // EAGAIN: the table changed in between
  }
  return std::unexpected(tried.error());
}

base::Status read_tables(const Access& access, XtFamily family,
                         const std::function<void(Bytes, Bytes)>& take) {
  const auto* list = family == XtFamily::kIpv4 ? "/ip_tables_names" : "/ip6_tables_names";
  const auto names = access.files.read(access.proc_net + list);
  if (!names) {
    if (names.error().number == ENOENT) return {};  // no table was ever made on this host
    return std::unexpected(names.error());
  }
  for (const auto& table : base::lines(*names)) {
    if (!access.can_use_netlink) {
      return base::failure("no right to enter the network namespace", "CAP_SYS_ADMIN");
    }
    TRY(read_table(family, std::string(table), take));
  }
  return {};
}

void read(const Access& access, Look& look) {
  for (const auto family : {XtFamily::kIpv4, XtFamily::kIpv6}) {
    const auto status = read_tables(access, family, [&](Bytes info, Bytes entries) {
      auto chains = parse_xtables(family, info, entries, access.netns);
      std::ranges::move(chains, std::back_inserter(look.firewall_chains));
    });
    if (status) continue;
    auto error = status.error();
    // The list of tables is root's (mode 0440); what is in them is said to CAP_NET_ADMIN.
    if (base::is_refusal(error)) error.hint = "CAP_DAC_READ_SEARCH and CAP_NET_ADMIN";
    // No stage is hidden: the drops are counted all the same, only the chain stays unknown.
    const auto* what = family == XtFamily::kIpv4 ? "the chains of iptables" : "those of ip6tables";
    tell_blind(look, what, error, {});
  }
}

}  // namespace

std::vector<FirewallChain> parse_xtables(XtFamily family, Bytes info, Bytes entries,
                                         const model::Inode& netns) {
  auto table = table_of(family, info, entries, netns);
  for_each_rule(table, [&](const Rule& rule, FirewallChain& chain, bool policy) {
    if (policy) {
      chain.policy = rule.verdict == kDrop ? "drop" : "accept";
    } else {
      add_rule(rule, table.chains, chain);
    }
  });
  std::vector<FirewallChain> found;
  for (auto& [offset, chain] : table.chains) found.push_back(std::move(chain));
  return found;
}

void tell_xtables_counters(XtFamily family, Bytes info, Bytes entries, const model::Inode& netns,
                           Look& look) {
  auto table = table_of(family, info, entries, netns);
  std::map<const FirewallChain*, int> rules_of_chain;
  for_each_rule(table, [&](const Rule& rule, FirewallChain& chain, bool policy) {
    // The rule that names a chain is none of it.
    if (!rule.begins_a_chain.empty()) return;
    const auto number = policy ? "policy" : std::to_string(++rules_of_chain[&chain]);
    const auto labels = model::counter_id("", {{"chain", chain.name},
                                               {"family", chain.family},
                                               {"netns", netns},
                                               {"rule", number},
                                               {"table", chain.table}});
    look.counters["iptables.packets" + labels] = rule.packets;
    look.counters["iptables.bytes" + labels] = rule.bytes;
  });
  for (const auto& [chain, count] : rules_of_chain) {
    look.settings[model::counter_id("iptables.rules", {{"chain", chain->name},
                                                       {"family", chain->family},
                                                       {"netns", netns},
                                                       {"table", chain->table}})] =
        std::to_string(count);
  }
}

base::Status read_xtables_counters(const Access& access, XtFamily family, Look& look) {
  return read_tables(access, family, [&](Bytes info, Bytes entries) {
    tell_xtables_counters(family, info, entries, access.netns, look);
  });
}

extern const Source iptables;
const Source iptables = {.name = "iptables",
                         .scope = Scope::kNetns,
                         .cadence = Cadence::kWhenAsked,
                         .read = read,
                         .answers = model::Question::Kind::kFirewall};

}  // namespace sources
