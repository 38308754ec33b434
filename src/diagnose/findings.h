// Accounts -> findings: each account is shown to the cause of its place; what no cause knows is
// explained as far as the kernel's own reason goes, and otherwise printed as unexplained.
#pragma once

#include <vector>

#include "diagnose/cause.h"

namespace diagnose {

// The cause of a place, or null.
[[nodiscard]] const Cause* cause_named(std::string_view id);

// Findings, the answer first. Fills explained and unexplained of the accounts.
[[nodiscard]] std::vector<model::Finding> findings(const model::Evidence& evidence,
                                                   std::vector<Booked>& booked);

}  // namespace diagnose
