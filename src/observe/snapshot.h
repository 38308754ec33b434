// One look at everything that can be read without waiting: no window, no trace.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace observe {

struct SnapshotRequest {
  // Selectors as in observe::Request: only what is of those namespaces or of the whole host is
  // kept. None: all.
  std::vector<std::string> netns;
  bool with_sockets = false;  // all of them, and who holds them: dear where they are many
};

// Evidence of one point (window.kind "instant"): counters, gauges, settings, devices of every
// namespace. Error: a namespace that does not exist.
[[nodiscard]] base::Result<model::Evidence> take_snapshot(const SnapshotRequest& request);

}  // namespace observe
