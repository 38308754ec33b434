// Step 4 of the ledger: the same packets heard again in other counters, and what those counters
// hold beyond them.
#pragma once

#include <vector>

#include "diagnose/ledger.h"

namespace diagnose {

// Names under each account the counters in which it echoes, and books what remains of a counter
// that includes losses as an account of class unknown, named after the counter.
void name_echoes(const model::Evidence& evidence, std::vector<Booked>& booked);

}  // namespace diagnose
