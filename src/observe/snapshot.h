// One look at everything that can be read without waiting: no window, no trace.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace observe {

// Evidence of one point (window.kind "instant"): counters, gauges, settings, devices of every
// namespace. `netns` are selectors as in observe::Request: only what is of those namespaces or of
// the whole host is kept. Error: a namespace that does not exist.
[[nodiscard]] base::Result<model::Evidence> take_snapshot(const std::vector<std::string>& netns);

}  // namespace observe
