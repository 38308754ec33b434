// Dumps of the nftables subsystem of nfnetlink: all chains, all rules, and the elements of those
// maps whose values are verdicts. A dump only reads. The rules themselves are not told, only
// whether one of them can drop and which chains they lead to.
//
// A request for nftables would make the kernel load the module nf_tables where it is not loaded
// yet (nfnetlink_rcv_msg), so it is asked only where the module is there.
#include "sources/nftables.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>

namespace sources {
namespace {

using Bytes = std::span<const std::byte>;
using Messages = std::vector<base::NetlinkMessage>;
using model::FirewallChain;

constexpr std::uint16_t message_type(int message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
}

std::optional<std::uint32_t> number(Bytes attributes, int type) {
  const auto value = base::plain_attribute<std::uint32_t>(attributes, type);
  return value ? std::optional(ntohl(*value)) : std::nullopt;
}

std::string_view family_name(std::uint8_t family) {
  switch (family) {
    case NFPROTO_INET:
      return "inet";
    case NFPROTO_IPV4:
      return "ip";
    case NFPROTO_IPV6:
      return "ip6";
    case NFPROTO_ARP:
      return "arp";
    case NFPROTO_BRIDGE:
      return "bridge";
    case NFPROTO_NETDEV:
      return "netdev";
    default:
      return "";
  }
}

std::string hook_name(std::uint8_t family, std::uint32_t hook) {
  constexpr std::array<std::string_view, 6> kInet = {"prerouting", "input",       "forward",
                                                     "output",     "postrouting", "ingress"};
  constexpr std::array<std::string_view, 3> kArp = {"input", "output", "forward"};
  constexpr std::array<std::string_view, 2> kNetdev = {"ingress", "egress"};
  std::span<const std::string_view> names = kInet;
  if (family == NFPROTO_ARP) names = kArp;
  if (family == NFPROTO_NETDEV) names = kNetdev;
  return std::string(hook < names.size() ? names[hook] : "unknown");
}

// One device, or several joined by commas.
std::string devices_of(Bytes hook) {
  if (auto one = base::text_attribute(hook, NFTA_HOOK_DEV)) return *one;
  std::string names;
  const auto several = base::attribute(hook, NFTA_HOOK_DEVS);
  if (!several) return names;
  base::for_each_attribute(*several, [&](int type, Bytes content) {
    if (type != NFTA_DEVICE_NAME) return;
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    if (!names.empty()) names += ',';
    names += text.substr(0, text.find('\0'));
  });
  return names;
}

struct Head {
  std::uint8_t family;
  Bytes attributes;
};

std::optional<Head> head_of(const base::NetlinkMessage& message, int type) {
  const auto header = base::read_plain<nfgenmsg>(message.payload);
  if (message.type != message_type(type) || !header) return {};
  return Head{header->nfgen_family, base::attributes_after(message.payload, sizeof(nfgenmsg))};
}

std::optional<FirewallChain> parse_chain(const base::NetlinkMessage& message,
                                         const model::Inode& netns) {
  const auto head = head_of(message, NFT_MSG_NEWCHAIN);
  if (!head) return {};
  const auto table = base::text_attribute(head->attributes, NFTA_CHAIN_TABLE);
  const auto name = base::text_attribute(head->attributes, NFTA_CHAIN_NAME);
  if (!table || !name) return {};
  FirewallChain chain{.netns = netns, .backend = "nftables"};
  chain.family = family_name(head->family);
  chain.table = *table;
  chain.name = *name;
  if (const auto hook = base::attribute(head->attributes, NFTA_CHAIN_HOOK)) {
    if (const auto where = number(*hook, NFTA_HOOK_HOOKNUM)) {
      chain.hook = hook_name(head->family, *where);
    }
    chain.priority = static_cast<std::int32_t>(number(*hook, NFTA_HOOK_PRIORITY).value_or(0));
    chain.device = devices_of(*hook);
  }
  if (const auto policy = number(head->attributes, NFTA_CHAIN_POLICY)) {
    chain.policy = *policy == NF_DROP ? "drop" : "accept";
  }
  return chain;
}

void add_target(std::vector<std::string>& targets, std::string name) {
  if (std::ranges::find(targets, name) == targets.end()) targets.push_back(std::move(name));
}

// Notes what a value that is a verdict does.
void add_verdict(Bytes data, Verdicts& verdicts) {
  const auto verdict = base::attribute(data, NFTA_DATA_VERDICT);
  const auto code = verdict ? number(*verdict, NFTA_VERDICT_CODE) : std::nullopt;
  if (!code) return;
  const auto action = static_cast<std::int32_t>(*code);
  if (action == NF_DROP) ++verdicts.drops;
  if (action != NFT_JUMP && action != NFT_GOTO) return;
  if (auto chain = base::text_attribute(*verdict, NFTA_VERDICT_CHAIN)) {
    add_target(verdicts.leads_to, std::move(*chain));
  }
}

void for_each_list_element(Bytes attributes, int list, const std::function<void(Bytes)>& take) {
  const auto elements = base::attribute(attributes, list);
  if (!elements) return;
  base::for_each_attribute(*elements, [&](int type, Bytes content) {
    if (type == NFTA_LIST_ELEM) take(content);
  });
}

struct Count {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

struct Rule {
  std::string_view family;
  std::string table;
  std::string chain;
  std::uint64_t handle = 0;
  Verdicts verdicts;
  std::vector<VerdictMap> maps;
  std::vector<Count> counts;
};

std::uint64_t wide_number(Bytes attributes, int type) {
  return be64toh(base::plain_attribute<std::uint64_t>(attributes, type).value_or(0));
}

void add_expression(Bytes expression, std::uint8_t family, Rule& rule) {
  const auto name = base::text_attribute(expression, NFTA_EXPR_NAME);
  const auto data = base::attribute(expression, NFTA_EXPR_DATA);
  if (!name) return;
  if (*name == "reject") ++rule.verdicts.drops;
  if (!data) return;
  if (*name == "counter") {
    rule.counts.push_back({.packets = wide_number(*data, NFTA_COUNTER_PACKETS),
                           .bytes = wide_number(*data, NFTA_COUNTER_BYTES)});
  }
  if (*name == "immediate" && number(*data, NFTA_IMMEDIATE_DREG) == NFT_REG_VERDICT) {
    if (const auto value = base::attribute(*data, NFTA_IMMEDIATE_DATA)) {
      add_verdict(*value, rule.verdicts);
    }
  }
  // Without a register for the answer a look-up only asks whether the set holds the key.
  if (*name == "lookup" && number(*data, NFTA_LOOKUP_DREG) == NFT_REG_VERDICT) {
    if (auto set = base::text_attribute(*data, NFTA_LOOKUP_SET)) {
      rule.maps.push_back({family, rule.table, std::move(*set)});
    }
  }
}

std::optional<Rule> parse_rule(const base::NetlinkMessage& message) {
  const auto head = head_of(message, NFT_MSG_NEWRULE);
  if (!head) return {};
  const auto table = base::text_attribute(head->attributes, NFTA_RULE_TABLE);
  const auto chain = base::text_attribute(head->attributes, NFTA_RULE_CHAIN);
  if (!table || !chain) return {};
  Rule rule{.family = family_name(head->family),
            .table = *table,
            .chain = *chain,
            .handle = wide_number(head->attributes, NFTA_RULE_HANDLE),
            .verdicts = {},
            .maps = {},
            .counts = {}};
  for_each_list_element(head->attributes, NFTA_RULE_EXPRESSIONS,
                        [&](Bytes expression) { add_expression(expression, head->family, rule); });
  return rule;
}

base::Result<Messages> dump(const Access& access, int message, Bytes request) {
  return base::dump(access.netlink, NETLINK_NETFILTER, message_type(message), request);
}

void append_text(std::vector<std::byte>& request, int type, const std::string& text) {
  const nlattr head{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + text.size() + 1),
                    .nla_type = static_cast<std::uint16_t>(type)};
  const auto bytes = std::as_bytes(std::span(&head, 1));
  request.insert(request.end(), bytes.begin(), bytes.end());
  const auto content = std::as_bytes(std::span(text.c_str(), text.size() + 1));
  request.insert(request.end(), content.begin(), content.end());
  request.resize(NLMSG_ALIGN(request.size()));
}

std::vector<std::byte> request_of(std::uint8_t family) {
  const nfgenmsg header{.nfgen_family = family, .version = NFNETLINK_V0, .res_id = 0};
  const auto bytes = std::as_bytes(std::span(&header, 1));
  return {bytes.begin(), bytes.end()};
}

base::Status read_chains(const Access& access, Look& look) {
  const auto everything = request_of(NFPROTO_UNSPEC);
  auto chains = parse_nft_chains(TRY(dump(access, NFT_MSG_GETCHAIN, everything)), access.netns);
  if (chains.empty()) return {};
  const Messages rules = TRY(dump(access, NFT_MSG_GETRULE, everything));
  std::map<VerdictMap, Verdicts> maps;
  for (const auto& map : parse_nft_maps(rules)) {
    auto request = request_of(map.family);
    append_text(request, NFTA_SET_ELEM_LIST_TABLE, map.table);
    append_text(request, NFTA_SET_ELEM_LIST_SET, map.name);
    // A map that vanished since the rules were read drops nothing any more.
    const auto elements = dump(access, NFT_MSG_GETSETELEM, request);
    if (elements) maps[map] = parse_nft_elements(*elements);
  }
  add_nft_rules(rules, maps, chains);
  std::ranges::move(chains, std::back_inserter(look.firewall_chains));
  return {};
}

// Whether nf_tables is in the kernel, as a loaded module or built in. Where neither list can be
// read there are no modules to load.
bool is_there(const base::Files& files) {
  const auto loaded = files.read("/proc/modules");
  if (!loaded || loaded->starts_with("nf_tables ") ||
      loaded->find("\nnf_tables ") != std::string::npos) {
    return true;
  }
  const auto release = files.read("/proc/sys/kernel/osrelease");
  if (!release) return true;
  const auto builtin =
      files.read("/lib/modules/" + release->substr(0, release->find('\n')) + "/modules.builtin");
  return !builtin || builtin->find("/nf_tables.ko") != std::string::npos;
}

// EINVAL: the kernel was built without nftables (nfnetlink_rcv_msg); ENOENT: without this message.
bool is_absence(const base::Error& error) {
  return error.number == EPROTONOSUPPORT || error.number == EINVAL || error.number == ENOENT;
}

void read(const Access& access, Look& look) {
  auto status = base::Status();
  if (!access.can_use_netlink) {
    status = base::failure("no right to enter the network namespace", "CAP_SYS_ADMIN");
  } else if (is_there(access.files)) {
    status = read_chains(access, look);
  }
  if (status || is_absence(status.error())) return;
  auto error = status.error();
  if (base::is_refusal(error)) error.hint = "CAP_NET_ADMIN";
  // No stage is hidden: the drops are counted all the same, only the chain stays unknown.
  tell_blind(look, "the chains of nftables", error, {});
}

}  // namespace

std::vector<FirewallChain> parse_nft_chains(std::span<const base::NetlinkMessage> messages,
                                            const model::Inode& netns) {
  std::vector<FirewallChain> chains;
  for (const auto& message : messages) {
    if (auto chain = parse_chain(message, netns)) chains.push_back(std::move(*chain));
  }
  return chains;
}

std::set<VerdictMap> parse_nft_maps(std::span<const base::NetlinkMessage> rules) {
  std::set<VerdictMap> maps;
  for (const auto& message : rules) {
    auto rule = parse_rule(message);
    if (rule) maps.insert(rule->maps.begin(), rule->maps.end());
  }
  return maps;
}

Verdicts parse_nft_elements(std::span<const base::NetlinkMessage> messages) {
  Verdicts verdicts;
  for (const auto& message : messages) {
    const auto head = head_of(message, NFT_MSG_NEWSETELEM);
    if (!head) continue;
    for_each_list_element(head->attributes, NFTA_SET_ELEM_LIST_ELEMENTS, [&](Bytes element) {
      if (const auto data = base::attribute(element, NFTA_SET_ELEM_DATA)) {
        add_verdict(*data, verdicts);
      }
    });
  }
  return verdicts;
}

void add_nft_rules(std::span<const base::NetlinkMessage> rules,
                   const std::map<VerdictMap, Verdicts>& maps, std::vector<FirewallChain>& chains) {
  using Name = std::tuple<std::string_view, std::string, std::string>;
  std::map<Name, FirewallChain*> by_name;
  for (auto& chain : chains) by_name[{chain.family, chain.table, chain.name}] = &chain;
  for (const auto& message : rules) {
    auto rule = parse_rule(message);
    if (!rule) continue;
    const auto chain = by_name.find({rule->family, rule->table, rule->chain});
    if (chain == by_name.end()) continue;
    for (const auto& map : rule->maps) {
      const auto found = maps.find(map);
      if (found == maps.end()) continue;
      rule->verdicts.drops += found->second.drops;
      for (const auto& target : found->second.leads_to) {
        add_target(rule->verdicts.leads_to, target);
      }
    }
    if (rule->verdicts.drops > 0) ++chain->second->drop_rules;
    for (const auto& target : rule->verdicts.leads_to) {
      add_target(chain->second->leads_to, target);
    }
  }
}

base::Result<Messages> read_nft_rules(const Access& access) {
  if (!is_there(access.files)) return Messages{};
  auto rules = dump(access, NFT_MSG_GETRULE, request_of(NFPROTO_UNSPEC));
  if (!rules && is_absence(rules.error())) return Messages{};
  return rules;
}

void tell_nft_counters(std::span<const base::NetlinkMessage> rules, const model::Inode& netns,
                       Look& look) {
  std::map<std::string, std::uint64_t> rules_of_chain;
  for (const auto& message : rules) {
    const auto rule = parse_rule(message);
    if (!rule) continue;
    ++rules_of_chain[model::counter_id("nft.rules", {{"chain", rule->chain},
                                                     {"family", rule->family},
                                                     {"netns", netns},
                                                     {"table", rule->table}})];
    const auto handle = std::to_string(rule->handle);
    for (std::size_t at = 0; at < rule->counts.size(); ++at) {
      const auto nth = std::to_string(at + 1);
      const auto labels = at == 0 ? model::counter_id("", {{"chain", rule->chain},
                                                           {"family", rule->family},
                                                           {"handle", handle},
                                                           {"netns", netns},
                                                           {"table", rule->table}})
                                  : model::counter_id("", {{"chain", rule->chain},
                                                           {"family", rule->family},
                                                           {"handle", handle},
                                                           {"netns", netns},
                                                           {"nth", nth},
                                                           {"table", rule->table}});
      look.counters["nft.packets" + labels] = rule->counts[at].packets;
      look.counters["nft.bytes" + labels] = rule->counts[at].bytes;
    }
  }
  for (const auto& [id, count] : rules_of_chain) look.settings[id] = std::to_string(count);
}

extern const Source nftables;
const Source nftables = {.name = "nftables",
                         .scope = Scope::kNetns,
                         .cadence = Cadence::kWhenAsked,
                         .read = read,
                         .answers = model::Question::Kind::kFirewall};

}  // namespace sources
