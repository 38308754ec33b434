// How right the diagnoses of the lab were: a line a scenario, for a person and for a page. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/run.h"
#include "render/render.h"

namespace lab {

// Where and how the scenarios ran.
struct Circumstances {
  std::string version;
  std::string kernel;
  std::string host;     // "2 CPUs, kvm"
  std::string date;     // "2026-11-23"
  std::string command;  // that made the page
};

// The heads of the columns, and a line of them for each outcome: what was found, the packets that
// the traffic lost by its own count, those that were booked, those that stayed unexplained, and the
// seconds from making the fault to its diagnosis. What did not hold follows its line.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_line(const Outcome& outcome, const render::TerminalStyle& style);

// The same as a Markdown page, with a sum.
[[nodiscard]] std::string accuracy_page(const std::vector<Outcome>& outcomes,
                                        const Circumstances& circumstances);

}  // namespace lab
