// The trace: each drop as it happens, and exact sums at the end.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "filter/program.h"
#include "live/selection.h"
#include "model/trace_event.h"

namespace live {

struct TraceRequest {
  std::optional<std::chrono::nanoseconds> duration;  // none: until stopped
  std::vector<std::string> netns;                    // "NAME", "PID", "inode:N"; none: all
  Selection selection;                               // its netns is filled from `netns`
  std::string tracer = "auto";
  std::optional<std::uint64_t> most_events;
  bool stacks = false;                      // count drops by call stack
  bool sample_stacks = false;               // each event has its own
  bool flows = false;                       // count drops by flow, and by where they come from
  bool received = false;                    // and what is received
  const filter::Program* filter = nullptr;  // of drops; null: all. Must outlive the trace
  bool drops = true;
  bool retransmissions = false;
  bool resets = false;
  const std::atomic<bool>* stop = nullptr;
  // Called when the probes are attached: rights that only they needed may be given up.
  std::function<base::Status()> attached;
  // Called for each event, in the order of their time. False: nobody wants more. An error ends the
  // trace.
  std::function<base::Result<bool>(const model::TraceEvent&)> tell;
  // Called some times a second, whether there was an event or not. An error ends the trace.
  std::function<base::Status()> idle;
};

// Error: a namespace that does not exist, drops that cannot be traced at all, or that of `tell`.
[[nodiscard]] base::Result<model::TraceSummary> trace(const TraceRequest& request);

}  // namespace live
