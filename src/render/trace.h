// The trace: a line for each event, and the tables at its end. Pure.
#pragma once

#include <string>

#include "model/trace_event.h"
#include "render/render.h"

namespace render {

// For a person, ending in a newline: when, at which stage, whose packet, what happened, how often;
// and below it, or behind it for programs that read lines, the place in the kernel's words.
[[nodiscard]] std::string trace_line(const model::TraceEvent& event, const TerminalStyle& style,
                                     bool on_one_line);

// Exact counts by place, reason, device and CPU, and the shares of flows and owners; with
// `stacks` those of call stacks too.
[[nodiscard]] std::string trace_tables(const model::TraceSummary& summary,
                                       const TerminalStyle& style, bool stacks);

// "outermost;…;innermost COUNT", a line for each stack: what flame graphs are drawn from.
[[nodiscard]] std::string folded(const model::TraceSummary& summary);

// One line of whydrop.event/1 each.
[[nodiscard]] std::string json(const model::TraceEvent& event);
[[nodiscard]] std::string json(const model::TraceSummary& summary);

}  // namespace render
