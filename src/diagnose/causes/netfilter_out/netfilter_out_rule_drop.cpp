// netfilter-out.rule-drop: a chain of the firewall dropped a packet that was made here
// (NETFILTER_DROP, skb_iif 0): the sender is a process of this host. See diagnose/rule_drop.h.

#include "diagnose/rule_drop.h"

namespace diagnose::causes {

extern const Cause netfilter_out_rule_drop;
const Cause netfilter_out_rule_drop = {
    .id = "netfilter-out.rule-drop", .needs = kRuleDropNeeds, .explain = explain_rule_drop};

}  // namespace diagnose::causes
