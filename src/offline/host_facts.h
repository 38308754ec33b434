// Of which host a report is, when it was made, and how long the host had run by then.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "model/evidence.h"
#include "offline/contents.h"
#include "offline/places.h"

namespace offline {

struct HostFacts {
  model::Host host;
  std::int64_t taken_s = 0;    // since the Unix epoch; 0 = the report does not tell
  std::uint64_t uptime_s = 0;  // 0 = the report does not tell
};

// Fields that the report does not tell stay empty.
[[nodiscard]] HostFacts read_host_facts(const Contents& contents, const Place& own);

// The seconds in " 19:31:02 up 12 days,  3:04,  1 user, …"; 0 where it is not that.
[[nodiscard]] std::uint64_t seconds_of_uptime(std::string_view text);

}  // namespace offline
