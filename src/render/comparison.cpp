#include "render/comparison.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "render/columns.h"
#include "render/rates.h"
#include "render/sheet.h"

namespace render {
namespace {

using base::grouped;
using base::printable;
using model::CounterChange;
using model::Movement;

constexpr std::size_t kShown = 20;  // of a kind, unless all are asked for

bool has_changed(const CounterChange& change) {
  return change.movement == Movement::kMore || change.movement == Movement::kLess;
}

bool has_moved(const CounterChange& change) {
  return (change.a && change.a->count > 0) || (change.b && change.b->count > 0);
}

std::size_t count_of(const model::Comparison& comparison, Movement movement) {
  return static_cast<std::size_t>(
      std::ranges::count(comparison.counters, movement, &CounterChange::movement));
}

std::string window_text(const model::ComparedWindow& side) {
  return printable(fmt::format("{}: {} · Linux {} · {} for {:.1f} s", side.name, side.host.name,
                               side.host.kernel,
                               base::utc_text(base::Nanoseconds(side.window.start_wall_ns)),
                               static_cast<double>(side.window.duration_ns) / 1e9));
}

std::string per_second(std::uint64_t count, const model::Window& window) {
  const auto seconds = static_cast<double>(window.duration_ns) / 1e9;
  return seconds > 0 ? rate_text(static_cast<double>(count) / seconds) : "?";
}

// "12,345/s received, 10/s sent, 0.5/s freed as drops"; each of both windows.
std::string traffic_text(const model::Comparison& comparison) {
  const auto both = [&](std::uint64_t model::ComparedWindow::* count) {
    return fmt::format("{} → {}", per_second(comparison.a.*count, comparison.a.window),
                       per_second(comparison.b.*count, comparison.b.window));
  };
  return fmt::format("{} packets received, {} sent, {} freed as drops",
                     both(&model::ComparedWindow::received), both(&model::ComparedWindow::sent),
                     both(&model::ComparedWindow::dropped));
}

// The id without its namespace, which the line says by name: "snmp.Udp.RcvbufErrors in web".
std::string name_text(std::string_view id, const std::string& netns) {
  std::string text(model::counter_name(id));
  for (const auto& [label, value] : model::counter_labels(id)) {
    if (label == "netns" || label == "shared" || value.empty()) continue;
    text += " " + (label == "dev" ? value : label + " " + value);
  }
  if (!netns.empty()) text += " in " + netns;
  return printable(text);
}

std::string times_text(const CounterChange& change) {
  if (!change.ratio) return "new";
  const double ratio = *change.ratio;
  if (ratio == 0) return "gone";
  return ratio >= 1 ? fmt::format("{:.3g}× more", ratio) : fmt::format("{:.3g}× less", 1 / ratio);
}

std::string share_text(const CounterChange& change) {
  if (change.of.empty() || !change.a->per_packet || !change.b->per_packet) return "";
  return fmt::format("; {:.3g} % → {:.3g} % of {}", 100 * *change.a->per_packet,
                     100 * *change.b->per_packet, model::counter_name(change.of));
}

std::string rates_text(const CounterChange& change) {
  return fmt::format("{} → {}{}: {}, {}", rate_text(change.a->per_second),
                     rate_text(change.b->per_second), share_text(change), times_text(change),
                     chance_text(change.certainty));
}

void draw_changed(const model::Comparison& comparison, bool all, Sheet& sheet) {
  const auto changed =
      count_of(comparison, Movement::kMore) + count_of(comparison, Movement::kLess);
  if (changed == 0) return;
  sheet.line();
  sheet.line(sheet.inked(Ink::kStrong, "counters"));
  std::size_t shown = 0;
  for (const auto& change : comparison.counters) {
    if (!has_changed(change)) continue;
    if (!all && shown == kShown) break;
    ++shown;
    const bool bad = change.is_loss && change.movement == Movement::kMore;
    sheet.line("  " +
               sheet.inked(bad ? Ink::kBad : Ink::kPlain, name_text(change.id, change.netns)));
    sheet.hanging("      ", 6, rates_text(change));
  }
  if (shown < changed) {
    sheet.line(sheet.inked(Ink::kFaint, fmt::format("  {} more: -v", grouped(changed - shown))));
  }
}

std::string value_text(const std::optional<std::string>& value) {
  if (!value) return "none";
  return value->empty() ? "\"\"" : printable(*value);
}

void draw_settings(const model::Comparison& comparison, bool all, Sheet& sheet) {
  if (comparison.settings.empty()) return;
  sheet.line();
  sheet.line(sheet.inked(Ink::kStrong, "configuration"));
  std::size_t shown = 0;
  for (const auto& change : comparison.settings) {
    if (!all && shown == kShown) break;
    ++shown;
    sheet.line("  " + name_text(change.id, change.netns));
    sheet.hanging("      ", 6, value_text(change.a) + " → " + value_text(change.b));
  }
  if (shown < comparison.settings.size()) {
    sheet.line(sheet.inked(
        Ink::kFaint, fmt::format("  {} more: -v", grouped(comparison.settings.size() - shown))));
  }
}

// Lost packets always; the others, of which there may be hundreds, where all are asked for.
void draw_unknown(const model::Comparison& comparison, bool all, Sheet& sheet) {
  const auto unknown = count_of(comparison, Movement::kUnknown);
  if (unknown == 0) return;
  sheet.line();
  sheet.line(sheet.inked(Ink::kStrong, "cannot be compared"));
  std::size_t shown = 0;
  for (const auto& change : comparison.counters) {
    const bool is_wanted = all || (change.is_loss && has_moved(change));
    if (change.movement != Movement::kUnknown || !is_wanted) continue;
    ++shown;
    const auto& rate = change.b ? change.b : change.a;
    const auto count = rate ? fmt::format(" ({})", grouped(rate->count)) : "";
    sheet.hanging("  ", 2,
                  fmt::format("{}{}: {}", name_text(change.id, change.netns), count, change.why),
                  Ink::kFaint);
  }
  if (shown < unknown) {
    sheet.line(sheet.inked(Ink::kFaint, fmt::format("  {} counters that tell of no loss: -v",
                                                    grouped(unknown - shown))));
  }
}

std::string headline(const model::Comparison& comparison) {
  const auto counters =
      count_of(comparison, Movement::kMore) + count_of(comparison, Movement::kLess);
  return fmt::format("{} of {} counters by more than chance, {} of {} settings", grouped(counters),
                     grouped(comparison.counters.size()), grouped(comparison.settings.size()),
                     grouped(comparison.settings_compared));
}

}  // namespace

std::string terminal(const model::Comparison& comparison, const TerminalStyle& style) {
  Sheet sheet(style);
  const bool all = style.verbosity > 0;
  const bool changed =
      !comparison.settings.empty() || std::ranges::any_of(comparison.counters, has_changed);
  const auto* word = changed ? "CHANGED" : "THE SAME";
  sheet.hanging(sheet.inked(Ink::kStrong, word) + "  ", columns_of(word) + 2, headline(comparison));
  if (style.verbosity < 0) return sheet.take();
  sheet.hanging("  ", 2, window_text(comparison.a), Ink::kFaint);
  sheet.hanging("  ", 2, window_text(comparison.b), Ink::kFaint);
  sheet.hanging("  ", 2, traffic_text(comparison));
  for (const auto& note : comparison.obstacles)
    sheet.hanging("  ! ", 4, printable(note), Ink::kWarning);
  for (const auto& note : comparison.notes) sheet.hanging("  · ", 4, printable(note));
  draw_changed(comparison, all, sheet);
  draw_settings(comparison, all, sheet);
  draw_unknown(comparison, all, sheet);
  return sheet.take();
}

}  // namespace render
