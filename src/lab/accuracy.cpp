#include "lab/accuracy.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "lab/report.h"

namespace lab {
namespace {

using base::grouped;
using base::printable;

struct Row {
  std::string scenario;
  std::string found;
  std::string expected;
  std::string booked;
  std::string unexplained;
  std::string seconds;
};

// What was booked for the first finding, or, where nothing may be found, all that was called lost.
std::uint64_t booked(const Outcome& outcome) {
  const auto& diagnosis = outcome.fault->diagnosis;
  const bool healthy = outcome.expected_cause.empty();
  if (healthy || diagnosis.findings.empty()) return diagnosis.totals.lost;
  return diagnosis.findings.front().packets;
}

std::string found(const Outcome& outcome) {
  const auto& findings = outcome.fault->diagnosis.findings;
  const auto is_more = [](const model::Finding& one) {
    return one.severity != model::Severity::kNotice;
  };
  if (outcome.fault->diagnosis.verdict == model::Verdict::kInconclusive) return "could not be seen";
  if (outcome.expected_cause.empty() && std::ranges::none_of(findings, is_more)) return "nothing";
  return findings.empty() ? "nothing" : findings.front().cause;
}

Row row_of(const Outcome& outcome) {
  Row row{.scenario = printable(outcome.scenario)};
  if (!outcome.fault) {
    row.found = fmt::format("{}: {}", name(outcome.status), printable(outcome.reason));
    return row;
  }
  row.found = found(outcome);
  row.expected = grouped(outcome.fault->lost);
  row.booked = grouped(booked(outcome));
  row.unexplained = grouped(outcome.fault->diagnosis.totals.unexplained);
  row.seconds = fmt::format("{:.1f}", outcome.seconds);
  return row;
}

std::string failures(const Outcome& outcome) {
  std::string text;
  for (const auto* measurement : {&outcome.fault, &outcome.cured}) {
    if (!measurement->has_value()) continue;
    for (const auto& check : (*measurement)->checks) {
      if (check.held || check.unseen) continue;
      text += fmt::format("    {}: expected {}, found {}\n", check.what, printable(check.expected),
                          printable(check.found));
    }
  }
  return text;
}

constexpr std::string_view kColumns = "{} {:<46} {:<28} {:>9} {:>9} {:>11} {:>7}\n";

}  // namespace

std::string table_head() {
  return fmt::format(fmt::runtime(kColumns), " ", "scenario", "first finding", "lost", "booked",
                     "unexplained", "seconds");
}

std::string table_line(const Outcome& outcome, const render::TerminalStyle& style) {
  const auto row = row_of(outcome);
  auto text = fmt::format(fmt::runtime(kColumns), mark_of(outcome, style), row.scenario, row.found,
                          row.expected, row.booked, row.unexplained, row.seconds);
  if (outcome.fault && !outcome.reason.empty()) {
    text += fmt::format("    {}\n", printable(outcome.reason));
  }
  if (!outcome.cure.empty()) text += fmt::format("    {}\n", outcome.cure);
  return text + failures(outcome);
}

std::string accuracy_page(const std::vector<Outcome>& outcomes,
                          const Circumstances& circumstances) {
  std::string text = fmt::format(
      "# How right the diagnoses are\n\n"
      "Made by `{}` on {}: whydrop {}, Linux {}, {}.\n\n"
      "Each scenario makes a real fault in network namespaces, and its traffic counts what it "
      "lost. *Lost* is that count; *booked* is what the first finding holds (for a healthy "
      "scenario: all that was called lost); a first finding of *nothing* means none above a "
      "notice; *seconds* runs from making the fault to its diagnosis. A scenario with `+twin` is "
      "healthy traffic with 20 losses mixed in.\n\n"
      "|  | scenario | first finding | lost | booked | unexplained | seconds |\n"
      "|---|---|---|---:|---:|---:|---:|\n",
      circumstances.command, circumstances.date, circumstances.version, circumstances.kernel,
      circumstances.host);
  for (const auto& outcome : outcomes) {
    const auto row = row_of(outcome);
    text +=
        fmt::format("| {} | `{}` | {} | {} | {} | {} | {} |\n", mark_of(outcome, {}), row.scenario,
                    row.found, row.expected, row.booked, row.unexplained, row.seconds);
  }
  return text + "\n" + closing_line(outcomes);
}

}  // namespace lab
