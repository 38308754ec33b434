// What the rules of the firewall counted: those of nftables that have a counter, and all of
// iptables, where each rule has one.
#include "sources/iptables.h"
#include "sources/nftables.h"

namespace sources {
namespace {

void tell_blind_rules(Look& look, std::string what, base::Error error) {
  if (base::is_refusal(error)) error.hint = "CAP_DAC_READ_SEARCH and CAP_NET_ADMIN";
  // No stage is hidden: what rules drop is traced, and counted elsewhere.
  tell_blind(look, std::move(what), error, {});
}

void read(const Access& access, Look& look) {
  if (!access.can_use_netlink) {
    return tell_blind_rules(look, "the counters of firewall rules",
                            {"no right to enter the network namespace", "CAP_SYS_ADMIN"});
  }
  if (const auto rules = read_nft_rules(access)) {
    tell_nft_counters(*rules, access.netns, look);
  } else {
    tell_blind_rules(look, "the counters of nftables' rules", rules.error());
  }
  for (const auto family : {XtFamily::kIpv4, XtFamily::kIpv6}) {
    const auto status = read_xtables_counters(access, family, look);
    if (status) continue;
    tell_blind_rules(look, "the counters of iptables' rules", status.error());
    break;
  }
}

}  // namespace

extern const Source rule_counters;
const Source rule_counters = {
    .name = "rule_counters", .scope = Scope::kNetns, .cadence = Cadence::kInventory, .read = read};

}  // namespace sources
