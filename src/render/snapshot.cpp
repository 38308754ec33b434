#include "render/snapshot.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "render/blind_spots.h"
#include "render/grant.h"
#include "render/sheet.h"
#include "render/value_groups.h"

namespace render {
namespace {

using base::grouped;
using base::printable;

std::string sockets_text(const SnapshotPage& page) {
  if (!page.with_sockets) return "";
  return fmt::format(", {} of {} sockets", grouped(page.sockets.size()),
                     grouped(page.evidence.sockets.size()));
}

void write_headline(const SnapshotPage& page, Sheet& sheet) {
  const auto& evidence = page.evidence;
  sheet.hanging(
      sheet.inked(Ink::kStrong, "SNAPSHOT") + "  ", 10,
      fmt::format("{} of {} values{} of {} network namespace{} and {} device{}, read in {:.1f} ms",
                  grouped(page.rows.size()), grouped(page.read), sockets_text(page),
                  evidence.netns.size(), evidence.netns.size() == 1 ? "" : "s",
                  evidence.devices.size(), evidence.devices.size() == 1 ? "" : "s",
                  static_cast<double>(evidence.window.duration_ns) / 1e6));
  sheet.hanging(
      "", 0,
      printable(fmt::format("{} · Linux {} · {}", evidence.host.name, evidence.host.kernel,
                            base::utc_text(base::Nanoseconds(evidence.window.start_wall_ns)))),
      Ink::kFaint);
}

}  // namespace

std::string terminal(const SnapshotPage& page, const TerminalStyle& style) {
  Sheet sheet(style);
  write_headline(page, sheet);
  if (style.verbosity < 0) return sheet.take();
  draw_values(page, sheet);
  if (!page.evidence.blind_spots.empty()) sheet.line();
  draw_blind_spots(sheet, page.evidence.blind_spots);
  draw_grant(sheet, page.evidence.grant);
  return sheet.take();
}

}  // namespace render
