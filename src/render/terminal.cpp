// The report for a person, the answer first: verdict, journey, findings, the sum that must come out
// even, what could not be seen, and what looking cost.

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "render/blind_spots.h"
#include "render/columns.h"
#include "render/findings.h"
#include "render/grant.h"
#include "render/journey.h"
#include "render/render.h"
#include "render/sheet.h"
#include "render/sums.h"

namespace render {
namespace {

using base::grouped;
using base::printable;
using model::Diagnosis;
using model::Verdict;

std::string verdict_word(Verdict verdict) {
  std::string word(model::name(verdict));
  std::ranges::transform(word, word.begin(),
                         [](unsigned char letter) { return std::toupper(letter); });
  return word;
}

Ink verdict_ink(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHealthy:
      return Ink::kGood;
    case Verdict::kLoss:
    case Verdict::kUnknown:
      return Ink::kBad;
    default:
      return Ink::kWarning;
  }
}

// "2026-11-22T10:00:00.000Z" -> "2026-11-22 10:00:00 UTC".
std::string time_text(std::int64_t wall_ns) {
  auto text = base::utc_text(base::Nanoseconds(wall_ns)).substr(0, 19);
  std::ranges::replace(text, 'T', ' ');
  return text + " UTC";
}

std::string seconds_text(std::int64_t nanoseconds) {
  return fmt::format("{:.1f} s", static_cast<double>(nanoseconds) / 1e9);
}

// When, and how long. Totals since the host was started have no beginning that anybody watched.
std::string when_text(const model::Window& window) {
  if (!model::is_since_boot(window)) {
    return fmt::format("{} for {}{}", time_text(window.start_wall_ns),
                       seconds_text(window.duration_ns), window.interrupted ? ", ended early" : "");
  }
  if (window.start_wall_ns == 0) return "made at a time that it does not tell";
  return "made " + time_text(window.start_wall_ns + window.duration_ns);
}

// Which host, when, how long, how much traffic.
std::string frame_text(const Diagnosis& diagnosis) {
  const auto& window = diagnosis.window;
  std::vector<std::string> parts;
  if (!diagnosis.host.name.empty()) parts.push_back(printable(diagnosis.host.name));
  if (!diagnosis.host.kernel.empty()) parts.push_back("Linux " + printable(diagnosis.host.kernel));
  parts.push_back(when_text(window));
  if (!window.interface.empty()) parts.push_back("only device " + printable(window.interface));
  if (window.origin == "baseline") {
    parts.push_back(fmt::format("since baseline '{}'", printable(window.reference)));
  } else if (window.origin != "live") {
    parts.push_back("from " + printable(window.origin));
  }
  if (diagnosis.baseline) {
    parts.push_back(fmt::format("against baseline '{}'", printable(diagnosis.baseline->name)));
  }
  if (window.child_status) {
    parts.push_back(fmt::format("the command ended with status {}", *window.child_status));
  }
  const auto& [received, sent] = std::tie(diagnosis.totals.received, diagnosis.totals.sent);
  if (received && sent) {
    parts.push_back(fmt::format("{} packets in, {} out", grouped(*received), grouped(*sent)));
  } else if (received || sent) {
    parts.push_back(fmt::format("{} packets {}", grouped(received ? *received : *sent),
                                received ? "in" : "out"));
  }
  return fmt::format("{}", fmt::join(parts, " · "));
}

// Looking is not free, and what looking missed is part of the answer.
std::string cost_text(const Diagnosis& diagnosis) {
  const auto& [cost, trace] = std::tie(diagnosis.cost, diagnosis.trace);
  std::string text = fmt::format("{:.0f} ms of CPU, {} of memory", cost.cpu_ms,
                                 base::bytes_text(cost.max_rss_kib * 1024));
  if (diagnosis.rung.empty()) return text + "; drops were not traced";
  text += fmt::format(", {} of BPF maps; drops traced for {} ({}): {} sampled, {} left out",
                      base::bytes_text(trace.map_bytes), seconds_text(diagnosis.window.traced_ns),
                      printable(diagnosis.rung), grouped(trace.events_sampled),
                      grouped(trace.events_left_out));
  text += fmt::format(", {} outside the table, {} not shown by the kernel",
                      grouped(trace.outside_table), grouped(trace.recursion_misses));
  return text;
}

}  // namespace

std::string terminal(const Diagnosis& diagnosis, const TerminalStyle& style) {
  Sheet sheet(style);
  const auto word = verdict_word(diagnosis.verdict);
  const auto head = sheet.inked(verdict_ink(diagnosis.verdict), word) + "  ";
  if (style.verbosity < 0) {
    sheet.line(head + printable(diagnosis.headline));
    return sheet.take();
  }
  const bool verbose = style.verbosity > 0;
  const int head_columns = columns_of(word) + 2;
  sheet.hanging(head, head_columns, printable(diagnosis.headline), Ink::kStrong);
  sheet.hanging(std::string(static_cast<size_t>(head_columns), ' '), head_columns,
                frame_text(diagnosis), Ink::kFaint);
  draw_journey(sheet, diagnosis, verbose);
  draw_findings(sheet, diagnosis, verbose);
  draw_sums(sheet, diagnosis);
  draw_blind_spots(sheet, diagnosis.blind_spots);
  draw_grant(sheet, diagnosis.grant);
  // A report cost nothing here, and what it cost on its host it does not tell.
  if (!model::is_since_boot(diagnosis.window)) sheet.item("cost", cost_text(diagnosis));
  if (verbose) draw_accounts(sheet, diagnosis);
  return sheet.take();
}

}  // namespace render
