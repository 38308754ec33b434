// The lab: real, contained faults in network namespaces of our own, diagnosed and cured.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace lab {

// The scenario scripts that the binary carries: path below lab/ and text.
[[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>> embedded();

}  // namespace lab
