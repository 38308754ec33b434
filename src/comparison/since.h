// What happened between two windows: from the end of a baseline to the end of a look now. Pure.
#pragma once

#include <string>

#include "base/error.h"
#include "model/evidence.h"

namespace comparison {

// `now` with its counters told from the last reading of `baseline` on: a window of two points. What
// came into being since (a namespace, a device that was made anew under its name) counts from 0;
// what only one of the two read is left out. Drops were not traced in between, so of the trace
// nothing is left, and that is a blind spot. `name` is what the user calls the baseline.
//
// Error: another host, another boot, or a clock that was set back.
[[nodiscard]] base::Result<model::Evidence> since(const model::Evidence& baseline,
                                                  const std::string& name, model::Evidence now);

}  // namespace comparison
