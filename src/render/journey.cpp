// The stages of one direction stand in a row, in the order in which packets pass them; a direction
// that is wider than the page is folded into rows of equal length:
//
//   in   ✓ link › ✓ netfilter › ✓ ip › ✓ transport › ✓ listen › ✗ socket-rx › ✓ app
//                               214k     214k
//                                                               ▲ 11,980 lost
//
// A stage that nobody counts has no number: a number that is missing is not 0.

#include "render/journey.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "render/columns.h"
#include "render/glyphs.h"

namespace render {
namespace {

using model::Class;
using model::Diagnosis;
using model::Stage;
using model::StageReport;
using model::StageState;

constexpr int kLabelColumns = 5;
constexpr std::string_view kArrow = " › ";
constexpr int kArrowColumns = 3;
constexpr std::string_view kContinued = "   › ";  // as wide as a label
constexpr int kGlyphColumns = 2;                  // glyph and blank

using Reports = std::vector<const StageReport*>;

struct Marker {
  int column = 0;  // of the glyph that it points to
  std::string text;
  Ink ink = Ink::kPlain;
};

// A line that is filled from left to right, at columns.
class Ruler {
 public:
  [[nodiscard]] bool has_room(int column) const { return column >= used_; }
  [[nodiscard]] bool is_empty() const { return used_ == 0; }
  void put(const Sheet& sheet, int column, std::string_view text, Ink ink) {
    text_.append(static_cast<size_t>(column - used_), ' ');
    text_ += sheet.inked(ink, text);
    used_ = column + columns_of(text);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  int used_ = 0;
};

int cell_columns(const StageReport& report) {
  return kGlyphColumns + columns_of(model::name(report.stage));
}

std::uint64_t dropped(const Diagnosis& diagnosis, Stage stage, Class klass) {
  std::uint64_t packets = 0;
  for (const auto& account : diagnosis.accounts) {
    if (account.stage == stage && account.klass == klass) packets += account.packets;
  }
  return packets;
}

// "11,980 lost, 3 refused" of one stage; "" where there is nothing to say.
std::string leak_text(const Diagnosis& diagnosis, const StageReport& report, bool with_noise) {
  std::vector<std::string> parts;
  const auto tell = [&](std::uint64_t packets, std::string_view what) {
    if (packets > 0) parts.push_back(fmt::format("{} {}", base::grouped(packets), what));
  };
  tell(report.lost.value_or(0), "lost");
  tell(dropped(diagnosis, report.stage, Class::kPolicy), "by policy");
  tell(dropped(diagnosis, report.stage, Class::kRefused), "refused");
  if (with_noise) tell(dropped(diagnosis, report.stage, Class::kNoise), "normal");
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Columns of a row, a count that sticks out behind its last stage included.
int row_columns(std::span<const StageReport* const> reports) {
  int column = kLabelColumns;
  int used = 0;
  for (const auto* report : reports) {
    used = column + cell_columns(*report);
    if (report->packets) {
      used = std::max(used, column + kGlyphColumns + columns_of(short_count(*report->packets)));
    }
    column += cell_columns(*report) + kArrowColumns;
  }
  return used;
}

// A direction folded into rows of equal length, as few as the page allows.
std::vector<std::span<const StageReport* const>> folded(const Reports& reports, int columns) {
  std::vector<std::span<const StageReport* const>> rows;
  for (size_t count = 1; count <= reports.size(); ++count) {
    const size_t per_row = (reports.size() + count - 1) / count;
    rows.clear();
    for (size_t first = 0; first < reports.size(); first += per_row) {
      const size_t length = std::min(per_row, reports.size() - first);
      rows.push_back(std::span(reports).subspan(first, length));
    }
    const bool fits =
        std::ranges::all_of(rows, [&](const auto& row) { return row_columns(row) <= columns; });
    if (fits) break;
  }
  return rows;
}

// A marker that would leave the page on the right is written to the left of its stage.
void draw_markers(Sheet& sheet, const std::vector<Marker>& markers) {
  std::vector<Ruler> lines;
  for (const auto& marker : markers) {
    std::string text = "▲ " + marker.text;
    int column = marker.column;
    if (column + columns_of(text) > sheet.columns()) {
      text = marker.text + " ▲";
      column = std::max(0, marker.column + 1 - columns_of(text));
    }
    auto line =
        std::ranges::find_if(lines, [&](const Ruler& ruler) { return ruler.has_room(column); });
    if (line == lines.end()) line = lines.insert(line, Ruler());
    line->put(sheet, column, text, marker.ink);
    line->put(sheet, column + columns_of(text), "  ", Ink::kPlain);
  }
  for (const auto& line : lines) sheet.line(line.text());
}

void draw_row(Sheet& sheet, const Diagnosis& diagnosis, std::string_view label,
              std::span<const StageReport* const> reports, bool with_noise) {
  Ruler stages;
  Ruler counts;
  std::vector<Marker> markers;
  stages.put(sheet, 0, padded(label, kLabelColumns), Ink::kFaint);
  int column = kLabelColumns;
  for (const auto* report : reports) {
    const Sign sign = sign_of(report->state);
    const bool leaks = report->state == StageState::kLoss;
    if (column > kLabelColumns) stages.put(sheet, column - kArrowColumns, kArrow, Ink::kFaint);
    stages.put(sheet, column, sign.glyph, sign.ink);
    stages.put(sheet, column + kGlyphColumns, model::name(report->stage),
               leaks || report->state == StageState::kBlind ? sign.ink : Ink::kPlain);
    if (report->packets) {
      counts.put(sheet, column + kGlyphColumns, short_count(*report->packets), Ink::kFaint);
    }
    const auto leak = leak_text(diagnosis, *report, with_noise);
    if (!leak.empty()) markers.push_back({column, leak, sign.ink});
    column += cell_columns(*report) + kArrowColumns;
  }
  sheet.line(stages.text());
  if (!counts.is_empty()) sheet.line(counts.text());
  draw_markers(sheet, markers);
}

void draw_direction(Sheet& sheet, const Diagnosis& diagnosis, std::string_view label,
                    const Reports& reports, bool with_noise) {
  std::string_view head = label;
  for (const auto& row : folded(reports, sheet.columns())) {
    draw_row(sheet, diagnosis, head, row, with_noise);
    head = kContinued;
  }
}

// The counts and the leaks speak for themselves; these glyphs do not.
void draw_legend(Sheet& sheet, const Diagnosis& diagnosis) {
  std::string legend;
  for (const auto state : {StageState::kNoise, StageState::kPressure, StageState::kBlind}) {
    const bool shown = std::ranges::any_of(
        diagnosis.stages, [&](const StageReport& report) { return report.state == state; });
    if (!shown) continue;
    const Sign sign = sign_of(state);
    legend += fmt::format("{}{} {}", legend.empty() ? "" : "   ", sign.glyph, sign.meaning);
  }
  if (!legend.empty()) sheet.line("     " + sheet.inked(Ink::kFaint, legend));
}

}  // namespace

void draw_journey(Sheet& sheet, const Diagnosis& diagnosis, bool with_noise) {
  Reports receive;
  Reports send;
  Reports across;  // no place on the way; shown where there is something to say
  for (const auto& report : diagnosis.stages) {
    if (report.stage >= Stage::kCpu) {
      if (report.state != StageState::kOk) across.push_back(&report);
    } else {
      (report.direction == model::Direction::kReceive ? receive : send).push_back(&report);
    }
  }
  if (receive.empty() && send.empty()) return;
  sheet.line();
  draw_direction(sheet, diagnosis, "in", receive, with_noise);
  if (!receive.empty() && !send.empty()) sheet.line();
  draw_direction(sheet, diagnosis, "out", send, with_noise);
  draw_direction(sheet, diagnosis, "also", across, with_noise);
  draw_legend(sheet, diagnosis);
}

}  // namespace render
