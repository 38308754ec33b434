// Evidence of a report: a folder or an archive that `sos report`, script/collect.sh or somebody by
// hand filled with what a host said of itself.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "model/evidence.h"
#include "offline/contents.h"

namespace offline {

// Window::kind of evidence that holds totals since the host was started.
inline constexpr std::string_view kSinceBoot = "since_boot";

// Everything that the report's counters counted since the host was started: two points, all 0 at
// the first. What the report lacks is a blind spot. Error: it is no report, or damaged.
[[nodiscard]] base::Result<model::Evidence> read_report(const std::string& path);

// The same of what was taken out of a report.
[[nodiscard]] base::Result<model::Evidence> evidence_of(Contents contents);

// Whether this is a folder, or an archive rather than a file of evidence. False where nothing is.
[[nodiscard]] bool is_report(const std::string& path);

// Whether two reports' counters ran on from one to the other: of one host, and not started in
// between.
[[nodiscard]] bool are_of_one_boot(const model::Evidence& first, const model::Evidence& second);

// What happened between two reports of one boot, of which `first` was made before `second`.
[[nodiscard]] model::Evidence between(const model::Evidence& first, model::Evidence second);

}  // namespace offline
