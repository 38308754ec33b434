// A table of checks: glyph, title, what was seen; under what is missing, what that costs and what
// would bring it back.
#include "render/doctor.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "render/columns.h"
#include "render/grant.h"
#include "render/sheet.h"

namespace render {
namespace {

using base::printable;
using model::Check;
using model::CheckState;
using model::Doctor;

constexpr int kLabelColumns = 8;  // "loses", "enable" and blanks

struct Mark {
  std::string_view glyph;
  Ink ink;
};

Mark mark_of(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return {"✓", Ink::kGood};
    case CheckState::kMissing:
      return {"✗", Ink::kBad};
    case CheckState::kNoted:
      return {"–", Ink::kFaint};
  }
  return {"✗", Ink::kBad};
}

std::string_view traced_text(const Check* drops) {
  if (drops == nullptr || drops->rung.empty() || drops->rung == "counters") {
    return "drops cannot be traced, only counters tell of them";
  }
  return drops->state == CheckState::kOk ? "drops are traced" : "drops are traced in part";
}

void write_headline(const Doctor& doctor, Sheet& sheet) {
  const auto missing = model::missing_checks(doctor);
  if (missing == 0) {
    sheet.hanging(sheet.inked(Ink::kGood, "FULL DIAGNOSIS") + "  ", 16,
                  "whydrop can see everything on this host that it knows how to look at");
    return;
  }
  sheet.hanging(sheet.inked(Ink::kBad, "PARTIAL DIAGNOSIS") + "  ", 19,
                fmt::format("{} of {} checks failed; {}", missing, doctor.checks.size(),
                            traced_text(model::find_check(doctor, "tracing.drops"))));
}

void write_host(const Doctor& doctor, Sheet& sheet) {
  const auto& host = doctor.host;
  std::string line;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) line += (line.empty() ? "" : " · ") + printable(part);
  };
  add(host.name);
  add(host.os);
  add(host.kernel.empty() ? "" : "Linux " + host.kernel);
  add(host.arch);
  add(host.virt == "none" ? "bare metal" : host.virt);
  if (host.cpus > 0) add(fmt::format("{} CPU{}", host.cpus, host.cpus == 1 ? "" : "s"));
  if (host.memory_bytes > 0) add(base::bytes_text(host.memory_bytes));
  add(doctor.uid == 0 ? "as root" : fmt::format("as user {}", doctor.uid));
  sheet.hanging("", 0, line, Ink::kFaint);
}

std::string found_text(const Check& check) {
  std::string text = check.rung.empty() ? "" : printable(check.rung) + ": ";
  text += printable(check.found);
  if (check.ms) text += fmt::format(" ({:.1f} ms)", *check.ms);
  return text;
}

void write_check(const Check& check, int title_columns, Sheet& sheet) {
  const auto [glyph, ink] = mark_of(check.state);
  const int indent = 2 + 2 + title_columns + 2;
  const auto title = padded(printable(check.title), title_columns);
  sheet.hanging(fmt::format("  {} {}  ", sheet.inked(ink, glyph), title), indent, found_text(check),
                check.state == CheckState::kNoted ? Ink::kFaint : Ink::kPlain);
  const auto add = [&](std::string_view label, const std::string& text) {
    if (text.empty()) return;
    const auto head = std::string(static_cast<size_t>(indent), ' ') +
                      sheet.inked(Ink::kFaint, padded(label, kLabelColumns));
    sheet.hanging(head, indent + kLabelColumns, printable(text));
  };
  add("loses", check.loses);
  add("enable", check.enable);
}

}  // namespace

std::string terminal(const Doctor& doctor, const TerminalStyle& style) {
  Sheet sheet(style);
  write_headline(doctor, sheet);
  if (style.verbosity < 0) return sheet.take();
  write_host(doctor, sheet);
  int title_columns = 0;
  for (const auto& check : doctor.checks) {
    title_columns = std::max(title_columns, columns_of(printable(check.title)));
  }
  std::string_view group;
  for (const auto& check : doctor.checks) {
    if (check.group != group) {
      sheet.line();
      sheet.line(sheet.inked(Ink::kStrong, printable(check.group)));
      group = check.group;
    }
    write_check(check, title_columns, sheet);
  }
  if (doctor.grant != model::Grant()) sheet.line();
  draw_grant(sheet, doctor.grant);
  sheet.line();
  sheet.hanging("", 0,
                "✓ as it should be · ✗ missing for a full diagnosis · – nothing is lost by it",
                Ink::kFaint);
  return sheet.take();
}

}  // namespace render
