// Text -> JSON value, for input that nobody vouches for: broken, cut off, or nested without end.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/error.h"

namespace formats {

// Deepest nesting that any document of ours has, with room.
inline constexpr int kMaximumDepth = 32;

// Error: "cut off at byte N", "not JSON at byte N", "nested deeper than 32 levels". Never throws.
[[nodiscard]] base::Result<nlohmann::json> parse_json(std::string_view text);

}  // namespace formats
