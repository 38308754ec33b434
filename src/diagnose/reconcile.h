// Step 2 of the ledger: the counter and the trace of one account count the same packets.
#pragma once

#include <span>

#include "diagnose/ledger.h"

namespace diagnose {

// One account of the entries of one spot: its witnesses, how they agree, and how many packets it
// holds: the counter's number where both agree, the larger where they do not.
[[nodiscard]] Booked reconciled(const model::Evidence& evidence, std::span<const Entry> entries);

// Whether `counter` and `trace` packets agree within `tolerance`, in words too.
[[nodiscard]] model::Reconciliation compare(std::uint64_t counter, std::uint64_t trace,
                                            std::uint64_t tolerance);

}  // namespace diagnose
