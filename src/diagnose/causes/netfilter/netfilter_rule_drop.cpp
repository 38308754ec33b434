// netfilter.rule-drop: a chain of the firewall dropped a packet that came in or passes through
// (NETFILTER_DROP). See diagnose/rule_drop.h.

#include "diagnose/rule_drop.h"

namespace diagnose::causes {

extern const Cause netfilter_rule_drop;
const Cause netfilter_rule_drop = {
    .id = "netfilter.rule-drop", .needs = kRuleDropNeeds, .explain = explain_rule_drop};

}  // namespace diagnose::causes
