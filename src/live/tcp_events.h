// Retransmissions and resets as events of the trace.
#pragma once

#include "model/retransmissions.h"
#include "model/trace_event.h"

namespace live {

// Without the names of namespace and owner, and with the time since the start of the window.
[[nodiscard]] model::TraceEvent event_of(const model::RetransmissionSample& sample);
[[nodiscard]] model::TraceEvent event_of(const model::ResetSample& sample);
// What a filter can tell of a whole connection: its ends.
[[nodiscard]] model::TraceEvent event_of(const model::RetransmittingFlow& flow);

// Sums by flow, kind and reason; names of namespaces are still to be filled in.
void add_sums(const model::Retransmissions& counted, model::TraceSummary& summary);

}  // namespace live
