// "10s", "500ms", "2m", "5": spans of time as users write them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cli {

// A bare number is seconds; a fraction is allowed ("1.5s"). Error: not a span of time, not
// positive, or longer than a day.
[[nodiscard]] base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace cli
