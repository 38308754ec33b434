#include "render/baseline.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "knowledge/knowledge.h"
#include "render/blind_spots.h"
#include "render/columns.h"
#include "render/rates.h"
#include "render/sheet.h"
#include "render/snapshot.h"
#include "render/value_groups.h"

namespace render {
namespace {

using base::printable;

double seconds_of(const model::Window& window) {
  return static_cast<double>(window.duration_ns) / 1e9;
}

std::string place_text(const model::Evidence& evidence) {
  return printable(fmt::format("{} · Linux {} · {} for {:.1f} s", evidence.host.name,
                               evidence.host.kernel,
                               base::utc_text(base::Nanoseconds(evidence.window.start_wall_ns)),
                               seconds_of(evidence.window)));
}

SnapshotRow row_of_rate(const model::CounterId& id, std::uint64_t rise, double seconds) {
  SnapshotRow row{.id = id,
                  .kind = SnapshotRow::Kind::kSetting,
                  .value = rate_text(static_cast<double>(rise) / seconds)};
  const auto* known = knowledge::find_counter(model::counter_name(id));
  row.is_loss = known != nullptr && known->role == knowledge::Role::kExact &&
                known->klass == model::Class::kLoss;
  return row;
}

std::vector<SnapshotRow> rows_of(const BaselinePage& page, bool with_settings) {
  std::vector<SnapshotRow> rows;
  const double seconds = seconds_of(page.evidence.window);
  for (const auto& [id, series] : page.evidence.timeline.counters) {
    const auto rise = model::increment(series).amount;
    if (rise > 0 && seconds > 0) rows.push_back(row_of_rate(id, rise, seconds));
  }
  if (with_settings) {
    for (const auto& [id, value] : page.evidence.settings) {
      rows.push_back({.id = id, .kind = SnapshotRow::Kind::kSetting, .value = value});
    }
  }
  std::ranges::sort(rows, {}, &SnapshotRow::id);
  return rows;
}

std::uint64_t dropped_packets(const model::Evidence& evidence) {
  std::uint64_t packets = 0;
  for (const auto& tally : evidence.drops.tallies) packets += tally.packets;
  return packets;
}

}  // namespace

std::string terminal(const BaselinePage& page, const TerminalStyle& style) {
  Sheet sheet(style);
  const auto& evidence = page.evidence;
  const SnapshotPage values{.evidence = evidence, .rows = rows_of(page, style.verbosity > 0)};
  sheet.hanging(
      sheet.inked(Ink::kStrong, "BASELINE") + "  ", 10,
      fmt::format(
          "{}: {} of {} counters moved, {} settings, {} packets freed as drops", page.name,
          base::grouped(rows_of(page, false).size()),
          base::grouped(evidence.timeline.counters.size()), base::grouped(evidence.settings.size()),
          evidence.drops.rung.empty() ? "unknown" : base::grouped(dropped_packets(evidence))));
  sheet.hanging("", 0, place_text(evidence), Ink::kFaint);
  if (style.verbosity < 0) return sheet.take();
  draw_values(values, sheet);
  if (!evidence.blind_spots.empty()) sheet.line();
  draw_blind_spots(sheet, evidence.blind_spots);
  return sheet.take();
}

std::string terminal(const std::vector<BaselineEntry>& entries, const TerminalStyle& style) {
  Sheet sheet(style);
  if (entries.empty()) {
    sheet.line("no baseline yet: `whydrop baseline save NAME` on a host that is well");
    return sheet.take();
  }
  int longest = 0;
  for (const auto& entry : entries) longest = std::max(longest, columns_of(entry.name));
  for (const auto& entry : entries) {
    const auto head = padded(entry.name, longest) + "  ";
    if (entry.evidence) {
      sheet.hanging(head, longest + 2, place_text(*entry.evidence));
    } else {
      sheet.hanging(head, longest + 2, printable(entry.evidence.error().what), Ink::kBad);
    }
  }
  return sheet.take();
}

}  // namespace render
