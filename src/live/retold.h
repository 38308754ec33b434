// A trace that was written to a file, told again.
#pragma once

#include <string>

#include "live/trace.h"

namespace live {

// Of `request`, the selection (by device, reason, stage, owner), the number of events and `tell`
// count. The sums are those of the lines: what was counted without one is not in the file. Packets
// without a note of ours are counted in a blind spot. "-" is standard input. Error: as
// formats::read_pcapng_file.
[[nodiscard]] base::Result<model::TraceSummary> tell_file(const std::string& path,
                                                          const TraceRequest& request);

}  // namespace live
