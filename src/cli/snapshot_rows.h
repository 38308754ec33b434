// What `whydrop snapshot` shows of what was read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/evidence.h"
#include "render/snapshot.h"

namespace cli {

struct SnapshotFilter {
  // Globs ("link.rx_*") or parts of names ("rcvbuf"), in any case: one has to fit the name with or
  // without its source. None: all names.
  std::vector<std::string> names;
  std::optional<model::Stage> stage;
  bool with_zeros = false;  // else what is 0 is left out
  bool with_commands = false;
};

// Sorted by id.
[[nodiscard]] std::vector<render::SnapshotRow> snapshot_rows(const model::Evidence& evidence,
                                                             const SnapshotFilter& filter);

// The sockets of which there is something to say: something waits in a queue or is not yet
// acknowledged, or something was dropped or sent again. `all`: every one.
[[nodiscard]] std::vector<const model::Socket*> shown_sockets(const model::Evidence& evidence,
                                                              bool all);

}  // namespace cli
