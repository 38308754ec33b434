#include "lab/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "render/columns.h"

namespace lab {
namespace {

using base::grouped;
using base::printable;

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kBold = "\x1b[1m";

std::string painted(std::string_view text, std::string_view colour,
                    const render::TerminalStyle& style) {
  return style.colour ? fmt::format("{}{}\x1b[0m", colour, text) : std::string(text);
}

std::string mark(bool held, const render::TerminalStyle& style) {
  return held ? painted("✓", kGreen, style) : painted("✗", kRed, style);
}

std::string traffic_text(const Measurement& measurement) {
  std::string text;
  for (const auto& counts : measurement.counts) {
    text += fmt::format("  {:<10} {:>13} sent {:>13} received {:>8} errors   {}\n",
                        printable(counts.name), grouped(counts.sent), grouped(counts.received),
                        grouped(counts.errors), printable(counts.unit));
  }
  return text;
}

std::string checks_text(const std::vector<Check>& checks, const render::TerminalStyle& style) {
  std::string text;
  for (const auto& check : checks) {
    const auto expected = printable(check.expected);
    const auto found = printable(check.found);
    text += fmt::format("  {} {:<12} {}", check.unseen ? "∙" : mark(check.held, style), check.what,
                        expected);
    if (check.unseen) text += "   not seen by this way of tracing";
    if (!check.held && !check.unseen) text += fmt::format("   found: {}", found);
    text += '\n';
  }
  return text;
}

double lost_percent(const Measurement& measurement) {
  if (measurement.sent == 0) return 0;
  return 100 * static_cast<double>(measurement.lost) / static_cast<double>(measurement.sent);
}

std::string row(std::string_view name, const Measurement& measurement) {
  return fmt::format("  {:<7} {:>10} {:>10} {:>10} {:>8.2f} %\n", name, grouped(measurement.sent),
                     grouped(measurement.received), grouped(measurement.lost),
                     lost_percent(measurement));
}

// "  head: text", wrapped; what follows hangs under the text.
std::string folded(std::string_view head, std::string_view text,
                   const render::TerminalStyle& style) {
  const int indent = static_cast<int>(head.size()) + 4;
  const int columns = std::max(style.columns - indent, 20);
  std::string out;
  for (const auto& line : render::wrapped(printable(text), columns)) {
    out +=
        out.empty() ? fmt::format("  {}: ", head) : std::string(static_cast<size_t>(indent), ' ');
    out += line + "\n";
  }
  return out;
}

std::string cure_text(const Outcome& outcome, const render::TerminalStyle& style) {
  if (outcome.cure.empty()) return "";
  std::string text = "\n" + painted("Cure", kBold, style) + "\n";
  if (!outcome.no_setting.empty()) {
    text += folded("no setting cures this", outcome.no_setting, style);
  }
  if (!outcome.cured) return text + "  " + printable(outcome.cure) + "\n";
  text += folded("applied", outcome.remedy, style) + "\n";
  text +=
      fmt::format("  {:<7} {:>10} {:>10} {:>10} {:>10}\n", "", "sent", "received", "lost", "lost");
  text += row("before", *outcome.fault) + row("after", *outcome.cured) + "\n";
  text += fmt::format("  {} {}\n", mark(outcome.cure == "cured", style), outcome.cure);
  return text + checks_text(outcome.cured->checks, style);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : printable(text)) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + '"';
}

std::string json_counts(const std::vector<traffic::Counts>& counts) {
  std::vector<std::string> lines;
  for (const auto& one : counts) lines.emplace_back(base::trim(traffic::counts_line(one)));
  return fmt::format("[{}]", fmt::join(lines, ", "));
}

std::string json_checks(const std::vector<Check>& checks) {
  std::vector<std::string> lines;
  for (const auto& check : checks) {
    lines.push_back(fmt::format(
        R"(
        {{ "what": {}, "expected": {}, "found": {}, "held": {}, "unseen": {} }})",
        quoted(check.what), quoted(check.expected), quoted(check.found), check.held, check.unseen));
  }
  return fmt::format("[{}]", fmt::join(lines, ","));
}

std::string json_measurement(const std::optional<Measurement>& measurement) {
  if (!measurement) return "null";
  const auto diagnosis = render::json(measurement->diagnosis);
  return fmt::format(
      R"({{ "sent": {}, "received": {}, "lost": {},
      "traffic": {},
      "expectations": {},
      "diagnosis": {} }})",
      measurement->sent, measurement->received, measurement->lost, json_counts(measurement->counts),
      json_checks(measurement->checks), base::trim(diagnosis));
}

std::string json_outcome(const Outcome& outcome) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? std::string("null") : quoted(text);
  };
  return fmt::format(
      R"(
    {{ "name": {}, "title": {}, "status": "{}", "reason": {}, "seconds": {:.3f},
      "fault": {},
      "cure": {}, "remedy": {},
      "cured": {} }})",
      quoted(outcome.scenario), quoted(outcome.title), name(outcome.status),
      text_or_null(outcome.reason), outcome.seconds, json_measurement(outcome.fault),
      text_or_null(outcome.cure), text_or_null(outcome.remedy), json_measurement(outcome.cured));
}

auto count_of(const std::vector<Outcome>& outcomes, Status status) {
  return std::ranges::count(outcomes, status, &Outcome::status);
}

}  // namespace

std::string report(const Outcome& outcome, const render::TerminalStyle& style) {
  std::string text = painted(outcome.title, kBold, style) + "\n";
  if (outcome.fault) {
    text += "\n" + painted("Traffic, by its own count", kBold, style) + "\n";
    text += traffic_text(*outcome.fault) + "\n";
    text += render::terminal(outcome.fault->diagnosis, style);
    text += "\n" + painted("Expected", kBold, style) + "\n";
    text += checks_text(outcome.fault->checks, style);
  }
  text += cure_text(outcome, style);
  return text + "\n" + one_line(outcome, style);
}

std::string mark_of(const Outcome& outcome, const render::TerminalStyle& style) {
  return outcome.status == Status::kSkipped ? "-" : mark(outcome.status == Status::kPassed, style);
}

std::string one_line(const Outcome& outcome, const render::TerminalStyle& style) {
  auto text = fmt::format("{} {}", mark_of(outcome, style), outcome.scenario);
  if (outcome.status != Status::kPassed) text += fmt::format(": {}", name(outcome.status));
  if (!outcome.reason.empty()) text += ": " + printable(outcome.reason);
  for (const auto* measurement : {&outcome.fault, &outcome.cured}) {
    if (!measurement->has_value()) continue;
    for (const auto& check : (*measurement)->checks) {
      if (check.held || check.unseen) continue;
      text += fmt::format("; {}: expected {}, found {}", check.what, printable(check.expected),
                          printable(check.found));
    }
  }
  if (!outcome.cure.empty()) text += fmt::format(" ({})", outcome.cure);
  return text + "\n";
}

std::string closing_line(const std::vector<Outcome>& outcomes) {
  return fmt::format("{} passed, {} failed, {} skipped\n", count_of(outcomes, Status::kPassed),
                     count_of(outcomes, Status::kFailed) + count_of(outcomes, Status::kUnmeasured),
                     count_of(outcomes, Status::kSkipped));
}

std::string json(const std::vector<Outcome>& outcomes, std::string_view version) {
  std::vector<std::string> runs;
  for (const auto& outcome : outcomes) runs.push_back(json_outcome(outcome));
  return fmt::format(
      R"({{ "schema": "whydrop.lab/1", "version": {},
  "passed": {}, "failed": {}, "unmeasured": {}, "skipped": {},
  "runs": [{}
  ] }}
)",
      quoted(version), count_of(outcomes, Status::kPassed), count_of(outcomes, Status::kFailed),
      count_of(outcomes, Status::kUnmeasured), count_of(outcomes, Status::kSkipped),
      fmt::join(runs, ","));
}

}  // namespace lab
