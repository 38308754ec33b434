// What the tables say of one place where packets are dropped, for those who tell each drop by
// itself.
#pragma once

#include "model/evidence.h"
#include "model/trace_event.h"

namespace diagnose {

// Account, stage, direction, class and meaning of the tally, and its location and reason; without
// the names of namespace and device, and without packets. `evidence` holds the tally, and whatever
// else is known of routes and samples: the more, the surer.
[[nodiscard]] model::TracedPlace traced_place(const model::Evidence& evidence,
                                              const model::DropTally& tally);

}  // namespace diagnose
