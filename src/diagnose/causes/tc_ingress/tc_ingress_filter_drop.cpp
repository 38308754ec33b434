// tc-ingress.filter-drop: a tc filter, policer or BPF program said drop before the stack saw the
// packet (TC_INGRESS at __netif_receive_skb_core). Filters of clsact and ingress also count in
// their qdisc's drops; tcx programs (6.6) count nowhere.

#include <array>

#include "diagnose/cause.h"
#include "diagnose/path_programs.h"

namespace diagnose::causes {
namespace {

constexpr std::array kNeeds = {model::Question::Kind::kPathPrograms};

std::optional<Explanation> explain(const Case& one) {
  auto explanation = explain_tc_drop(one, "ingress");
  explanation.ruled_out.push_back(
      {"netfilter.rule-drop", "the kernel gave TC_INGRESS; a rule drops with NETFILTER_DROP"});
  return explanation;
}

}  // namespace

extern const Cause tc_ingress_filter_drop;
const Cause tc_ingress_filter_drop = {
    .id = "tc-ingress.filter-drop", .needs = kNeeds, .explain = explain};

}  // namespace diagnose::causes
