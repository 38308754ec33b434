// Outcomes of the lab -> text: for a person, and whydrop.lab/1. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/run.h"
#include "render/render.h"

namespace lab {

// Everything about one run: what was injected, the diagnosis, each expectation, the cure.
[[nodiscard]] std::string report(const Outcome& outcome, const render::TerminalStyle& style);

// "✓" passed, "✗" failed or not measured, "-" skipped.
[[nodiscard]] std::string mark_of(const Outcome& outcome, const render::TerminalStyle& style);

// "✓ healthy.ping" and, where it did not pass, why. Ends in a newline.
[[nodiscard]] std::string one_line(const Outcome& outcome, const render::TerminalStyle& style);

// "12 passed, 0 failed, 0 skipped"
[[nodiscard]] std::string closing_line(const std::vector<Outcome>& outcomes);

// whydrop.lab/1, one document, ending in a newline.
[[nodiscard]] std::string json(const std::vector<Outcome>& outcomes, std::string_view version);

}  // namespace lab
