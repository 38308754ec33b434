#include "render/trace.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "render/blind_spots.h"
#include "render/columns.h"
#include "render/glyphs.h"
#include "render/names.h"
#include "render/sheet.h"

namespace render {
namespace {

using base::grouped;
using base::printable;
using model::TracedPlace;
using model::TracedShare;
using model::TraceEvent;
using model::TraceSummary;

constexpr std::size_t kRows = 10;
constexpr int kStageColumns = 13;

// "12:03:04.123456", UTC.
std::string time_text(std::int64_t wall_ns) {
  const auto second = base::utc_text(base::Nanoseconds(wall_ns)).substr(11, 8);
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto micros = (wall_ns % kSecond) / 1000;
  return fmt::format("{}.{:06}", second, micros);
}

std::string flow_text(const model::Flow& flow) {
  return fmt::format("{} {} > {}", printable(flow.protocol),
                     end_text(flow.source, flow.source_port),
                     end_text(flow.destination, flow.destination_port));
}

std::string owner_text(const model::Owner& owner) {
  auto text = fmt::format("{} (pid {})", printable(owner.comm), owner.pid);
  if (owner.container) text += " in container " + printable(*owner.container);
  if (!owner.container && owner.unit) text += " of " + printable(*owner.unit);
  return text;
}

// Without the full stop: it stands among others.
std::string meaning_text(const TracedPlace& place) {
  auto text = printable(place.meaning.empty() ? place.account : place.meaning);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string device_text(const TracedPlace& place) {
  const auto device = printable(place.device);
  const auto netns = printable(place.netns_name);
  if (device.empty()) return netns.empty() ? "" : "in " + netns;
  return netns.empty() ? device : fmt::format("{} in {}", device, netns);
}

std::string kernel_text(const TraceEvent& event) {
  const auto& place = event.place;
  const auto reason = place.reason.empty() ? std::string() : printable(place.reason) + " ";
  auto text = fmt::format("{}at {}", reason, printable(place.location));
  const auto device = device_text(place);
  if (!device.empty()) text += " · " + device;
  if (event.length_bytes > 0) text += fmt::format(" · {} bytes", event.length_bytes);
  return text + fmt::format(" · CPU {}", event.cpu);
}

std::vector<std::string> words_of(const TraceEvent& event) {
  std::vector<std::string> words;
  if (event.flow) words.push_back(flow_text(*event.flow));
  words.push_back(event.kind == model::EventKind::kDrop ? meaning_text(event.place)
                                                        : printable(event.what));
  if (event.owner) words.push_back(owner_text(*event.owner));
  if (event.place.packets > 1) words.push_back("×" + grouped(event.place.packets));
  return words;
}

// ── tables ──

struct Row {
  std::string what;
  std::uint64_t packets = 0;
  std::uint64_t error = 0;
};

void draw_rows(const std::string& title, const std::vector<Row>& rows, std::uint64_t total,
               bool all, Sheet& sheet) {
  if (rows.empty()) return;
  sheet.line();
  sheet.line(sheet.inked(Ink::kStrong, title));
  std::uint64_t rest = 0;
  std::size_t shown = 0;
  for (const auto& row : rows) {
    if (!all && shown == kRows) {
      rest += row.packets;
      continue;
    }
    ++shown;
    const double share =
        total == 0 ? 0 : 100.0 * static_cast<double>(row.packets) / static_cast<double>(total);
    const auto error = row.error == 0 ? std::string() : " ± " + grouped(row.error);
    const auto head = fmt::format("  {:>12}{} {:5.1f} %  ", grouped(row.packets), error, share);
    sheet.hanging(head, columns_of(head), row.what);
  }
  if (rest > 0) {
    sheet.line(sheet.inked(
        Ink::kFaint, fmt::format("  {:>12} in {} more: -v", grouped(rest), rows.size() - shown)));
  }
}

std::vector<Row> sums_by(const TraceSummary& summary,
                         const std::function<std::string(const TracedPlace&)>& word_of) {
  std::map<std::string, std::uint64_t> sums;
  for (const auto& place : summary.places) sums[word_of(place)] += place.packets;
  std::vector<Row> rows;
  for (const auto& [word, packets] : sums) rows.push_back({word, packets});
  std::ranges::stable_sort(rows, std::greater(), &Row::packets);
  return rows;
}

std::vector<Row> rows_of_places(const TraceSummary& summary) {
  std::vector<Row> rows;
  for (const auto& place : summary.places) {
    const auto device = device_text(place);
    rows.push_back({fmt::format("{} {}: {} at {}{}", sign_of(place.klass).glyph,
                                printable(place.account), printable(place.reason),
                                printable(place.location), device.empty() ? "" : ", " + device),
                    place.packets});
  }
  return rows;
}

std::vector<Row> rows_of_cpus(const TraceSummary& summary) {
  std::vector<std::uint64_t> sums;
  for (const auto& place : summary.places) {
    sums.resize(std::max(sums.size(), place.by_cpu.size()));
    for (std::size_t cpu = 0; cpu < place.by_cpu.size(); ++cpu) sums[cpu] += place.by_cpu[cpu];
  }
  std::vector<Row> rows;
  for (std::size_t cpu = 0; cpu < sums.size(); ++cpu) {
    if (sums[cpu] > 0) rows.push_back({fmt::format("CPU {}", cpu), sums[cpu]});
  }
  return rows;
}

std::vector<Row> rows_of_shares(const std::vector<TracedShare>& shares,
                                const std::function<std::string(const TracedShare&)>& text_of) {
  std::vector<Row> rows;
  for (const auto& share : shares) rows.push_back({text_of(share), share.packets, share.error});
  return rows;
}

std::string flow_words(const TracedShare& share) {
  if (share.what.size() < 5) return "other flows";
  const auto port = [](const std::string& digits) {
    return static_cast<std::uint16_t>(std::strtoul(digits.c_str(), nullptr, 10));
  };
  return fmt::format("{} {} > {}{}", printable(share.what[0]),
                     end_text(share.what[1], port(share.what[2])),
                     end_text(share.what[3], port(share.what[4])),
                     share.netns_name.empty() ? "" : " in " + printable(share.netns_name));
}

std::string owner_words(const TracedShare& share) {
  if (share.what.size() < 2) return "others";
  return fmt::format("{} (pid {})", printable(share.what[0]), printable(share.what[1]));
}

std::string reset_words(const TracedShare& share) {
  std::string text = "resets";
  for (const auto& word : share.what) {
    if (!word.empty()) text += " · " + printable(word);
  }
  return text + (share.netns_name.empty() ? "" : " in " + printable(share.netns_name));
}

std::string stack_words(const TracedShare& share) {
  std::vector<std::string> frames;
  for (const auto& frame : share.what) frames.push_back(printable(frame));
  return fmt::format("{}", fmt::join(frames, " ‹ "));
}

void draw_tcp(const TraceSummary& summary, bool all, Sheet& sheet) {
  const auto first_word = [](const TracedShare& share) {
    return share.what.empty() ? std::string() : printable(share.what.front());
  };
  const auto segments = summary.retransmitted;
  draw_rows("segments sent again, by kind",
            rows_of_shares(summary.retransmission_kinds, first_word), segments, all, sheet);
  draw_rows("segments sent again, by connection",
            rows_of_shares(summary.retransmitting, flow_words), segments, all, sheet);
  std::uint64_t resets = 0;
  for (const auto& share : summary.resets) resets += share.packets;
  draw_rows("resets", rows_of_shares(summary.resets, reset_words), resets, all, sheet);
}

// Whole counts, and by how much they may be too low.
void draw_counted(const TraceSummary& summary, bool all, Sheet& sheet) {
  const auto first_word = [](const TracedShare& share) {
    return share.what.empty()
               ? std::string()
               : printable(share.what.front()) +
                     (share.netns_name.empty() ? "" : " in " + printable(share.netns_name));
  };
  draw_rows("from", rows_of_shares(summary.sources, first_word), summary.packets, all, sheet);
  draw_rows("received, by flow", rows_of_shares(summary.received_flows, flow_words),
            summary.received, all, sheet);
  draw_rows("received, from", rows_of_shares(summary.received_sources, first_word),
            summary.received, all, sheet);
}

std::string headline(const TraceSummary& summary) {
  std::vector<std::string> parts;
  if (summary.with_drops) {
    parts.push_back(fmt::format("{} dropped at {} place{}", packets_text(summary.packets),
                                summary.places.size(), summary.places.size() == 1 ? "" : "s"));
  }
  if (summary.retransmitted > 0 || !summary.with_drops) {
    parts.push_back(fmt::format("{} TCP segments sent again", grouped(summary.retransmitted)));
  }
  auto text = fmt::format("{} in {:.1f} s", fmt::join(parts, ", "),
                          static_cast<double>(summary.duration_ns) / 1e9);
  if (summary.noise > 0) {
    text += fmt::format("; {} of normal noise left out (--noise shows it)", grouped(summary.noise));
  }
  return text;
}

std::string honesty(const TraceSummary& summary) {
  auto text = fmt::format("{:.0f} ms of CPU, {} of memory; {} lines ({})", summary.cost.cpu_ms,
                          base::bytes_text(summary.cost.max_rss_kib * 1024),
                          grouped(summary.events_told), printable(summary.rung));
  text +=
      fmt::format(", {} counted without a line, {} outside the table, {} not shown by the kernel",
                  packets_text(summary.packets_without_line), grouped(summary.outside_table),
                  grouped(summary.recursion_misses));
  return text;
}

}  // namespace

std::string trace_line(const TraceEvent& event, const TerminalStyle& style, bool on_one_line) {
  Sheet sheet(style);
  const Sign sign = event.kind == model::EventKind::kDrop ? sign_of(event.place.klass)
                                                          : Sign{"↻", Ink::kWarning, ""};
  const auto head =
      fmt::format("{} {} {} ", time_text(event.at_wall_ns), sheet.inked(sign.ink, sign.glyph),
                  padded(model::name(event.place.stage), kStageColumns));
  auto text = fmt::format("{}", fmt::join(words_of(event), " · "));
  const auto detail =
      event.kind == model::EventKind::kDrop ? kernel_text(event) : printable(event.detail);
  if (on_one_line) {
    if (!detail.empty()) text += " · " + detail;
    return head + text + "\n";
  }
  sheet.line(head + text);
  const std::string indent(18, ' ');
  if (!detail.empty()) sheet.hanging(indent, 18, detail, Ink::kFaint);
  return sheet.take();
}

std::string trace_tables(const TraceSummary& summary, const TerminalStyle& style, bool stacks) {
  Sheet sheet(style);
  const bool all = style.verbosity > 0;
  sheet.hanging(sheet.inked(Ink::kStrong, "TRACE") + "  ", 7, headline(summary));
  if (style.verbosity >= 0) {
    const auto total = summary.packets;
    draw_rows("places", rows_of_places(summary), total, all, sheet);
    draw_rows("reasons",
              sums_by(summary,
                      [](const auto& place) {
                        return place.reason.empty() ? "the kernel gave none"
                                                    : printable(place.reason);
                      }),
              total, all, sheet);
    draw_rows("devices",
              sums_by(summary,
                      [](const auto& place) {
                        const auto text = device_text(place);
                        return text.empty() ? "not known" : text;
                      }),
              total, all, sheet);
    draw_rows("CPUs", rows_of_cpus(summary), total, all, sheet);
    draw_rows("flows", rows_of_shares(summary.flows, flow_words), total, all, sheet);
    if (summary.flows_counted) draw_counted(summary, all, sheet);
    draw_rows("owners", rows_of_shares(summary.owners, owner_words), total, all, sheet);
    if (stacks) draw_rows("stacks", rows_of_shares(summary.stacks, stack_words), total, all, sheet);
    draw_tcp(summary, all, sheet);
    sheet.line();
    draw_blind_spots(sheet, summary.blind_spots);
    sheet.item("cost", honesty(summary));
  }
  return sheet.take();
}

std::string folded(const TraceSummary& summary) {
  std::string text;
  for (const auto& stack : summary.stacks) {
    std::vector<std::string> frames;
    for (auto frame = stack.what.rbegin(); frame != stack.what.rend(); ++frame) {
      auto word = printable(frame->substr(0, frame->find('+')));
      std::ranges::replace(word, ';', ':');
      frames.push_back(std::move(word));
    }
    text += fmt::format("{} {}\n", fmt::join(frames, ";"), stack.packets);
  }
  return text;
}

}  // namespace render
