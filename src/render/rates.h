// Rates in words.
#pragma once

#include <string>

namespace render {

// "0/s", "0.04/s", "12.5/s", "1,204/s".
[[nodiscard]] std::string rate_text(double per_second);

}  // namespace render
