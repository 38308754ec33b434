#include "comparison/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "comparison/chance.h"
#include "comparison/denominators.h"
#include "comparison/places.h"
#include "comparison/settings.h"
#include "diagnose/driver_statistics.h"
#include "diagnose/ledger.h"
#include "diagnose/traffic.h"

namespace comparison {
namespace {

using knowledge::Role;
using model::Certainty;
using model::CounterChange;
using model::Movement;

// A counter, or what the trace counted at a place, in one window.
struct Reading {
  bool is_read = false;
  model::Increment rise;
  const model::Series* series = nullptr;  // of a counter
  std::vector<std::uint64_t> rises;       // of a trace: in each interval of the timeline
};

struct Pair {
  Reading a;
  Reading b;
  std::optional<model::Class> traced;  // of a trace: what it means
};

using Pairs = std::map<model::CounterId, Pair>;  // by B's ids

// What both windows are, as far as the counters need it.
struct Setting {
  const model::Evidence& a;
  const model::Evidence& b;
  double seconds_a = 0;
  double seconds_b = 0;
  const Pairs& pairs;
};

double seconds_of(const model::Evidence& evidence) {
  return static_cast<double>(evidence.window.duration_ns) / 1e9;
}

// A counter of which there is one reading has no rise.
bool has_rise(const model::Series& series) {
  return series.born || series.last_read > series.first_read;
}

// trace.packets{dev,netns,reason,symbol}: what one function dropped, for one reason, at one device.
model::CounterId trace_id(const model::Evidence& evidence, const diagnose::Entry& entry) {
  return model::counter_id("trace.packets",
                           {{"dev", entry.at.dev},
                            {"netns", entry.at.netns},
                            {"reason", entry.witness.reason},
                            {"symbol", evidence.drops.tallies[*entry.tally].symbol}});
}

void add_traces(const model::Evidence& evidence, Reading Pair::* side,
                const std::map<model::Inode, model::Inode>& namespaces, Pairs& pairs) {
  for (const auto& entry : diagnose::trace_entries(evidence)) {
    if (!entry.tally) continue;
    auto& pair = pairs[translated(trace_id(evidence, entry), namespaces)];
    pair.traced = entry.klass;
    auto& reading = pair.*side;
    reading.is_read = true;
    reading.rise.amount += entry.witness.packets;
    if (reading.rises.size() < entry.series.size()) reading.rises.resize(entry.series.size());
    for (std::size_t at = 0; at < entry.series.size(); ++at) reading.rises[at] += entry.series[at];
  }
}

Pairs paired(const model::Evidence& a, const model::Evidence& b,
             const std::map<model::Inode, model::Inode>& namespaces) {
  Pairs pairs;
  for (const auto& [id, series] : a.timeline.counters) {
    if (has_rise(series)) {
      pairs[translated(id, namespaces)].a = {true, model::increment(series), &series, {}};
    }
  }
  for (const auto& [id, series] : b.timeline.counters) {
    if (has_rise(series)) pairs[id].b = {true, model::increment(series), &series, {}};
  }
  add_traces(a, &Pair::a, namespaces, pairs);
  add_traces(b, &Pair::b, {}, pairs);
  // What a window that was traced did not see, did not happen.
  for (auto& [id, pair] : pairs) {
    if (!pair.traced) continue;
    pair.a.is_read = !a.drops.rung.empty();
    pair.b.is_read = !b.drops.rung.empty();
  }
  return pairs;
}

// Whether it was seen to move anywhere but between the first and the last look.
bool is_seen_moving(const Reading& reading, const model::Timeline& timeline) {
  if (reading.series == nullptr) return !reading.rises.empty();
  return std::ranges::any_of(reading.series->steps, [&](const model::Series::Step& step) {
    return step.point != reading.series->first_read && step.point != timeline.last_point();
  });
}

std::vector<std::uint64_t> intervals_of(const Reading& reading, const model::Timeline& timeline) {
  if (reading.series == nullptr) return reading.rises;
  if (!is_seen_moving(reading, timeline)) return {};
  return model::rises(timeline, *reading.series);
}

double dispersion_of_pair(const Pair& pair, const Setting& setting) {
  return dispersion_of(intervals_of(pair.a, setting.a.timeline),
                       intervals_of(pair.b, setting.b.timeline));
}

// The packets that a counter's are a part of; nothing where one of their counters was not read.
struct Whole {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

model::Rate rate_of(const Reading& reading, std::uint64_t whole, double seconds) {
  model::Rate rate{.count = reading.rise.amount};
  const auto count = static_cast<double>(rate.count);
  rate.per_second = seconds > 0 ? count / seconds : 0;
  if (whole > 0) rate.per_packet = count / static_cast<double>(whole);
  return rate;
}

Whole whole_of(const std::vector<model::CounterId>& parts, const Setting& setting) {
  Whole whole;
  for (const auto& part : parts) {
    const auto found = setting.pairs.find(part);
    if (found == setting.pairs.end()) continue;
    whole.a += found->second.a.rise.amount;
    whole.b += found->second.b.rise.amount;
  }
  return whole.a > 0 && whole.b > 0 ? whole : Whole{};
}

const knowledge::Counter* row_of(const model::CounterId& id, const Pair& pair,
                                 const Setting& setting) {
  return pair.traced ? nullptr : diagnose::row_of(pair.b.is_read ? setting.b : setting.a, id);
}

bool tells_of_loss(const Pair& pair, const knowledge::Counter* row) {
  if (pair.traced) return *pair.traced != model::Class::kNoise;
  return row != nullptr && row->role != Role::kTraffic && row->role != Role::kInfo;
}

bool is_a_loss(const Pair& pair, const knowledge::Counter* row) {
  if (pair.traced) return model::counts_as_lost(*pair.traced);
  return row != nullptr && row->role == Role::kExact && model::counts_as_lost(row->klass);
}

// Why two readings cannot be put side by side; "" where they can.
std::string obstacle_of(const Pair& pair) {
  const auto* verb = pair.traced ? "traced" : "read";
  if (!pair.a.is_read) return fmt::format("not {} in the first window", verb);
  if (!pair.b.is_read) return fmt::format("not {} in the second window", verb);
  if (pair.a.rise.reset) return "started again in the first window";
  if (pair.b.rise.reset) return "started again in the second window";
  return "";
}

// The share of the packets where that is known of both windows, else the time.
std::pair<Count, Count> counts_of(const CounterChange& change, const Whole& whole,
                                  const Setting& setting) {
  Count a{change.a->count, setting.seconds_a};
  Count b{change.b->count, setting.seconds_b};
  if (!change.of.empty()) {
    a.exposure = static_cast<double>(whole.a);
    b.exposure = static_cast<double>(whole.b);
  }
  return {a, b};
}

// Bytes and spans of time are not counted one by one: a single packet is many of them.
bool is_amount(std::string_view id, const knowledge::Counter* row) {
  if (row != nullptr && (row->unit == "bytes" || row->unit.ends_with("seconds"))) return true;
  const auto name = model::counter_name(id);
  return name.contains("bytes") || name.contains("octets") || name.ends_with("_ns");
}

// Whether the rates differ by enough to matter, however sure it is that they differ.
bool is_large(const CounterChange& change, double smallest) {
  return !change.ratio || *change.ratio > smallest || *change.ratio < 1 / smallest;
}

void judge(CounterChange& change, const Pair& pair, const Whole& whole,
           const knowledge::Counter* row, const Setting& setting) {
  const bool of_loss = tells_of_loss(pair, row);
  const auto [a, b] = counts_of(change, whole, setting);
  if (a.events == 0 && b.events == 0) return;
  if (a.events > 0) {
    change.ratio =
        (static_cast<double>(b.events) / b.exposure) / (static_cast<double>(a.events) / a.exposure);
  }
  const bool is_seen =
      is_seen_moving(pair.a, setting.a.timeline) || is_seen_moving(pair.b, setting.b.timeline);
  const double apart = distance(a, b, 1);
  change.z = apart / std::sqrt(dispersion_of_pair(pair, setting));
  if (!is_large(change, of_loss || is_seen ? kSmallestRatio : kUnseenRatio)) return;
  if (!is_seen && is_amount(change.id, row)) {
    change.movement = Movement::kUnknown;
    change.why = "an amount that was read twice: how much it varies was not seen";
    return;
  }
  const double size = std::fabs(change.z);
  const bool is_new = of_loss && a.events == 0 && apart >= kSurely;
  if (size >= (of_loss ? kOfLosses : kOfOthers)) {
    change.certainty = size >= kSurely ? Certainty::kCertain : Certainty::kLikely;
  } else if (is_new) {
    change.certainty = Certainty::kFewBursts;
  } else {
    return;
  }
  change.movement = change.z > 0 ? Movement::kMore : Movement::kLess;
}

CounterChange changed(const model::CounterId& id, const Pair& pair, const Setting& setting) {
  const auto* row = row_of(id, pair, setting);
  CounterChange change{.id = id, .netns = netns_name(id, setting.a, setting.b)};
  change.is_loss = is_a_loss(pair, row);
  change.tells_of_loss = tells_of_loss(pair, row);
  Whole whole;
  // Traffic itself is judged by the second.
  if (change.tells_of_loss) {
    const auto parts = denominators_of(id);
    whole = whole_of(parts, setting);
    if (whole.a > 0) change.of = parts.front();
  }
  if (pair.a.is_read) change.a = rate_of(pair.a, whole.a, setting.seconds_a);
  if (pair.b.is_read) change.b = rate_of(pair.b, whole.b, setting.seconds_b);
  change.why = obstacle_of(pair);
  if (change.why.empty()) {
    judge(change, pair, whole, row, setting);
  } else {
    change.movement = Movement::kUnknown;
  }
  return change;
}

// What changed before what cannot be said before what did not; loss first, then what else tells of
// drops; more before less; the surest first.
auto suspicion(const CounterChange& change) {
  const bool moved = (change.a && change.a->count > 0) || (change.b && change.b->count > 0);
  int group = 3;
  if (change.movement == Movement::kMore || change.movement == Movement::kLess) group = 0;
  if (change.movement == Movement::kUnknown) group = moved ? 1 : 2;
  return std::tuple(group, !change.is_loss, !change.tells_of_loss,
                    change.movement == Movement::kLess, -std::fabs(change.z));
}

std::uint64_t dropped_in(const model::Evidence& evidence) {
  std::uint64_t packets = 0;
  for (const auto& tally : evidence.drops.tallies) packets += tally.packets;
  return packets;
}

model::ComparedWindow window_of(const Side& side) {
  using enum model::Direction;
  return {.name = side.name,
          .host = side.evidence.host,
          .window = side.evidence.window,
          .received = diagnose::traffic_of(side.evidence, "", kReceive).value_or(0),
          .sent = diagnose::traffic_of(side.evidence, "", kSend).value_or(0),
          .dropped = dropped_in(side.evidence)};
}

// Reports do not tell the host's id; then its name decides.
bool are_two(const model::Host& a, const model::Host& b) {
  if (a.id.empty() || b.id.empty()) return a.name != b.name;
  return a.id != b.id;
}

// Totals since the host was started are a window like others: from nothing.
std::string_view kind_of(const model::Window& window) {
  return model::is_since_boot(window) ? "increment" : std::string_view(window.kind);
}

std::vector<std::string> obstacles_between(const model::Evidence& a, const model::Evidence& b) {
  std::vector<std::string> obstacles;
  if (are_two(a.host, b.host)) {
    obstacles.push_back(fmt::format("they are of two hosts, {} and {}", a.host.name, b.host.name));
  }
  if (kind_of(a.window) != kind_of(b.window)) {
    obstacles.push_back(
        fmt::format("the one tells of {}, the other of {}", a.window.kind, b.window.kind));
  }
  for (const auto* one : {&a, &b}) {
    if (one->timeline.at_ns.size() < 2 || one->window.duration_ns <= 0) {
      obstacles.emplace_back(one == &a ? "the first has no two points in time"
                                       : "the second has no two points in time");
    }
  }
  return obstacles;
}

std::vector<std::string> notes_on(const model::Evidence& a, const model::Evidence& b) {
  std::vector<std::string> notes;
  if (a.host.id == b.host.id && a.host.boot_id != b.host.boot_id) {
    notes.emplace_back("the host was booted in between");
  }
  for (const auto* one : {&a, &b}) {
    if (!model::is_since_boot(one->window)) continue;
    notes.push_back(
        fmt::format("the {} is all the time since its host was started: an average, in which what "
                    "lasted for minutes cannot be seen",
                    one == &a ? "first" : "second"));
  }
  if (a.version != b.version) {
    notes.push_back(fmt::format("they were measured by whydrop {} and {}", a.version, b.version));
  }
  if (a.drops.rung != b.drops.rung) {
    notes.emplace_back("drops were traced in different ways, or in one of the two only");
  }
  return notes;
}

}  // namespace

model::Comparison compare(const Side& a, const Side& b) {
  const auto namespaces = matched_namespaces(a.evidence, b.evidence);
  const auto pairs = paired(a.evidence, b.evidence, namespaces);
  const Setting setting{.a = a.evidence,
                        .b = b.evidence,
                        .seconds_a = seconds_of(a.evidence),
                        .seconds_b = seconds_of(b.evidence),
                        .pairs = pairs};
  model::Comparison outcome{.a = window_of(a), .b = window_of(b)};
  outcome.obstacles = obstacles_between(a.evidence, b.evidence);
  outcome.notes = notes_on(a.evidence, b.evidence);
  for (const auto& [id, pair] : pairs) outcome.counters.push_back(changed(id, pair, setting));
  std::ranges::stable_sort(outcome.counters, {}, suspicion);
  auto settings = compare_settings(a.evidence, b.evidence, namespaces);
  outcome.settings = std::move(settings.changed);
  outcome.settings_compared = settings.compared;
  return outcome;
}

}  // namespace comparison
