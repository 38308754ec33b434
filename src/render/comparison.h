// A comparison -> text and JSON. Pure.
#pragma once

#include <string>

#include "model/comparison.h"
#include "render/render.h"

namespace render {

// What changed, most suspicious first, and how much stayed the same; verbose: also each counter
// that could not be compared, and why.
[[nodiscard]] std::string terminal(const model::Comparison& comparison, const TerminalStyle& style);

// whydrop.compare/1, one document, ending in a newline: every counter of either window.
[[nodiscard]] std::string json(const model::Comparison& comparison);

}  // namespace render
