// The words for packets that the firewall dropped, on their way in or out: what
// netfilter.rule-drop and netfilter-out.rule-drop share.
#pragma once

#include <array>
#include <optional>

#include "diagnose/cause.h"

namespace diagnose {

inline constexpr std::array kRuleDropNeeds = {model::Question::Kind::kFirewall};

// Nothing where no chain said drop but a program behind an NFQUEUE.
[[nodiscard]] std::optional<Explanation> explain_rule_drop(const Case& one);

}  // namespace diagnose
