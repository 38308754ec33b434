#include "render/findings.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "render/columns.h"
#include "render/glyphs.h"
#include "render/names.h"
#include "render/rates.h"

namespace render {
namespace {

using base::printable;
using model::Diagnosis;
using model::Finding;
using model::Remedy;

// More in full would push the first one, the answer, off the screen.
constexpr size_t kInFull = 5;
constexpr size_t kHitsShown = 5;

// "f3" -> "3": in the report the findings are numbered.
std::string number_of(const Finding& finding) {
  const bool plain = finding.id.size() > 1 && finding.id.front() == 'f';
  return printable(plain ? std::string_view(finding.id).substr(1) : finding.id);
}

void draw_title(Sheet& sheet, const Finding& finding, Ink ink) {
  const Sign sign = sign_of(finding.klass);
  const auto number = number_of(finding);
  const auto head =
      fmt::format("{} {} ", sheet.inked(Ink::kStrong, number), sheet.inked(sign.ink, sign.glyph));
  sheet.hanging(head, columns_of(number) + 3, printable(finding.title), ink);
}

std::string root_text(const model::Root& root) {
  const auto share =
      root.share < 0.995 ? fmt::format(", {:.0f} % of it", 100 * root.share) : std::string();
  return fmt::format("{} ({} confidence{})", printable(root.cause), model::name(root.confidence),
                     share);
}

// "12 times normal: 0.4/s in baseline 'monday', 5/s now (far more than chance)".
std::string normal_text(const Diagnosis& diagnosis, const Finding& finding) {
  const auto& normal = *finding.normal;
  const auto name = printable(diagnosis.baseline ? diagnosis.baseline->name : std::string());
  if (normal.departure == model::Departure::kUnknown) {
    return fmt::format("baseline '{}' cannot tell: {}", name, printable(normal.why));
  }
  const auto seconds = static_cast<double>(diagnosis.window.duration_ns) / 1e9;
  const auto rates =
      fmt::format("{} in baseline '{}', {} now", rate_text(normal.per_second), name,
                  rate_text(seconds > 0 ? static_cast<double>(finding.packets) / seconds : 0));
  const auto chance = chance_text(normal.certainty);
  switch (normal.departure) {
    case model::Departure::kNew:
      return fmt::format("new: none in {:.0f} s of baseline '{}' ({})",
                         static_cast<double>(diagnosis.baseline->duration_ns) / 1e9, name, chance);
    case model::Departure::kMore:
      return fmt::format("{:.3g} times normal: {} ({})", *normal.ratio, rates, chance);
    case model::Departure::kLess:
      return fmt::format("less than normal: {} ({})", rates, chance);
    default:
      return fmt::format("this much is normal for this host: {}", rates);
  }
}

void draw_hits(Sheet& sheet, const Diagnosis& diagnosis, const Finding& finding) {
  size_t shown = 0;
  for (const auto& hit : finding.hits) {
    const auto text = hit_text(diagnosis, hit, finding.at.netns);
    if (text.empty()) continue;
    if (shown == kHitsShown) {
      sheet.item("", fmt::format("and {} more", finding.hits.size() - shown));
      return;
    }
    sheet.item(shown == 0 ? "hit" : "", text);
    ++shown;
  }
}

void draw_bullets(Sheet& sheet, std::string_view label, const std::vector<std::string>& texts) {
  bool first = true;
  for (const auto& text : texts) {
    sheet.bullet(first ? label : "", text);
    first = false;
  }
}

// What a shell takes is never folded, so that it can be copied.
bool is_shell(const Remedy& remedy) {
  return remedy.kind == "sysctl" || remedy.kind == "ethtool" || remedy.kind == "affinity" ||
         remedy.kind == "qdisc" || remedy.kind == "link";
}

void draw_command(Sheet& sheet, const Remedy& remedy) {
  const auto command = printable(remedy.command);
  const auto label = fmt::format("remedy {}", remedy.order);
  if (is_shell(remedy)) {
    sheet.unfolded(label, command, Ink::kStrong);
  } else {
    sheet.item(label, command, Ink::kStrong);
  }
}

std::string change_text(const Diagnosis& diagnosis, const model::Change& change) {
  const auto where = change.netns ? " in namespace " + netns_text(diagnosis, *change.netns) : "";
  return fmt::format("{}: {} → {}{}", printable(change.target), printable(change.from),
                     printable(change.to), where);
}

std::string persist_text(const model::Persist& persist) {
  std::vector<std::string> lines;
  for (const auto line : base::lines(persist.content)) lines.push_back(printable(line));
  return fmt::format("{}: {}", printable(persist.file), fmt::join(lines, "; "));
}

void draw_remedy(Sheet& sheet, const Diagnosis& diagnosis, const Remedy& remedy) {
  sheet.line();
  draw_command(sheet, remedy);
  for (const auto& change : remedy.set) sheet.item("changes", change_text(diagnosis, change));
  const auto say = [&](std::string_view label, const std::string& text) {
    if (!text.empty()) sheet.item(label, printable(text));
  };
  say("sized from", remedy.sized_from);
  say("risk", remedy.risk);
  if (remedy.disrupts) sheet.item("", "interrupts traffic while it is applied", Ink::kWarning);
  say("undo", remedy.undo);
  if (remedy.persist) sheet.item("to keep it", persist_text(*remedy.persist));
  say("verify", remedy.verify);
}

void draw_in_full(Sheet& sheet, const Diagnosis& diagnosis, const Finding& finding) {
  draw_title(sheet, finding, Ink::kStrong);
  sheet.item("judged", fmt::format("{}, {} confidence", model::name(finding.severity),
                                   model::name(finding.confidence)));
  const auto place = place_text(diagnosis, finding.at);
  sheet.item("where",
             fmt::format("{}{}{}", printable(finding.cause), place.empty() ? "" : ": ", place));
  draw_hits(sheet, diagnosis, finding);
  if (finding.normal) sheet.item("normal", normal_text(diagnosis, finding));
  for (const auto& root : finding.because) sheet.item("root", root_text(root));
  if (!finding.why.empty()) sheet.item("why", printable(finding.why));

  std::vector<std::string> proofs;
  for (const auto& proof : finding.evidence) proofs.push_back(printable(proof.text));
  draw_bullets(sheet, "evidence", proofs);
  std::vector<std::string> rivals;
  for (const auto& rival : finding.ruled_out) {
    rivals.push_back(fmt::format("{}: {}", printable(rival.cause), printable(rival.text)));
  }
  draw_bullets(sheet, "ruled out", rivals);
  for (const auto& remedy : finding.remedies) draw_remedy(sheet, diagnosis, remedy);
}

}  // namespace

void draw_findings(Sheet& sheet, const Diagnosis& diagnosis, bool all_in_full) {
  std::vector<const Finding*> brief;
  size_t shown = 0;
  for (const auto& finding : diagnosis.findings) {
    const bool counts = finding.severity != model::Severity::kNotice && shown < kInFull;
    if (!all_in_full && !counts) {
      brief.push_back(&finding);
      continue;
    }
    sheet.line();
    draw_in_full(sheet, diagnosis, finding);
    ++shown;
  }
  if (brief.empty()) return;
  sheet.line();
  for (const auto* finding : brief) draw_title(sheet, *finding, Ink::kPlain);
  sheet.line("    " + sheet.inked(Ink::kFaint, "-v shows more about these"));
}

}  // namespace render
