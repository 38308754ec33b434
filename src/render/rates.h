// Rates in words, and how sure it is that two differ.
#pragma once

#include <string>
#include <string_view>

#include "model/comparison.h"

namespace render {

// "0/s", "0.04/s", "12.5/s", "1,204/s".
[[nodiscard]] std::string rate_text(double per_second);

// "far more than chance".
[[nodiscard]] std::string_view chance_text(model::Certainty certainty);

}  // namespace render
