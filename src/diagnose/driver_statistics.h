// What the drivers of devices count themselves (ethtool.*), as entries of the ledger. Most of it
// stands in standard counters as well, which differs between drivers and between their versions: a
// statistic is booked only as far as its standard counter did not rise.
#pragma once

#include <vector>

#include "diagnose/ledger.h"
#include "knowledge/knowledge.h"

namespace diagnose {

[[nodiscard]] std::vector<Entry> driver_entries(const model::Evidence& evidence);

// The cards whose driver refreshes its statistics less often than the window is long: what they
// lost in it may not be told yet.
[[nodiscard]] std::vector<model::BlindSpot> unsettled_statistics(const model::Evidence& evidence);

// The row of a counter, be it a standard one or a driver's; null where it is not known.
[[nodiscard]] const knowledge::Counter* row_of(const model::Evidence& evidence,
                                               const model::CounterId& id);

}  // namespace diagnose
