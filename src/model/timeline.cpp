#include "model/timeline.h"

#include <algorithm>

namespace model {
namespace {

constexpr std::uint64_t kTop32 = 1ULL << 32;
// A fall counts as a wrap only from the top quarter of 32 bits to the bottom quarter.
constexpr std::uint64_t kQuarter32 = kTop32 / 4;

Increment rise_between(std::uint64_t before, std::uint64_t after) {
  if (after >= before) return {after - before, false};
  const bool wrapped = before < kTop32 && before >= kTop32 - kQuarter32 && after < kQuarter32;
  if (wrapped) return {kTop32 - before + after, false};
  return {after, true};
}

// The statistics of a device move with it from namespace to namespace, and those of a socket or
// qdisc may be older than the first look at them; all others start from 0 with their namespace.
bool starts_at_zero(std::string_view id) {
  return !id.starts_with("link.") && !id.starts_with("ethtool.") && !id.starts_with("qdisc.");
}

}  // namespace

void Series::add(std::uint32_t point, std::uint64_t value) {
  if (steps.empty()) first_read = point;
  if (steps.empty() || steps.back().value != value) steps.push_back({point, value});
  last_read = point;
}

std::uint64_t Series::at(std::uint32_t point) const {
  const auto after = std::ranges::upper_bound(steps, point, {}, &Step::point);
  return after == steps.begin() ? 0 : std::prev(after)->value;
}

Increment increment(const Series& series, std::uint32_t from, std::uint32_t to) {
  Increment total;
  if (series.born && series.first_read > from && series.first_read <= to) {
    total.amount = series.first();
  }
  for (size_t at = 1; at < series.steps.size(); ++at) {
    const auto& step = series.steps[at];
    if (step.point <= from || step.point > to) continue;
    const Increment rise = rise_between(series.steps[at - 1].value, step.value);
    total.amount += rise.amount;
    total.reset = total.reset || rise.reset;
  }
  return total;
}

Increment increment(const Series& series) {
  return increment(series, 0, UINT32_MAX);
}

std::vector<std::uint64_t> rises(const Timeline& timeline, const Series& series) {
  std::vector<std::uint64_t> per_interval(timeline.last_point(), 0);
  if (series.born && series.first_read > 0 && series.first_read <= per_interval.size()) {
    per_interval[series.first_read - 1] += series.first();
  }
  for (size_t at = 1; at < series.steps.size(); ++at) {
    const std::uint32_t point = series.steps[at].point;
    if (point == 0 || point > per_interval.size()) continue;
    per_interval[point - 1] +=
        rise_between(series.steps[at - 1].value, series.steps[at].value).amount;
  }
  return per_interval;
}

std::uint32_t Timeline::add_point(std::int64_t since_start_ns) {
  at_ns.push_back(since_start_ns);
  return last_point();
}

void Timeline::add(std::uint32_t point, const Snapshot& counters_read,
                   const Snapshot& gauges_read) {
  for (const auto& [id, value] : counters_read) {
    Series& series = counters[id];
    series.born = series.born || (series.steps.empty() && point > 0 && starts_at_zero(id));
    series.add(point, value);
  }
  for (const auto& [id, value] : gauges_read) gauges[id].add(point, value);
}

std::uint32_t Timeline::last_point() const {
  return at_ns.empty() ? 0 : static_cast<std::uint32_t>(at_ns.size() - 1);
}

double Timeline::seconds() const {
  return at_ns.empty() ? 0 : static_cast<double>(at_ns.back()) / 1e9;
}

const Series* Timeline::counter(std::string_view id) const {
  const auto found = counters.find(id);
  return found == counters.end() ? nullptr : &found->second;
}

const Series* Timeline::gauge(std::string_view id) const {
  const auto found = gauges.find(id);
  return found == gauges.end() ? nullptr : &found->second;
}

std::uint64_t Timeline::rise(std::string_view id) const {
  const Series* series = counter(id);
  return series == nullptr ? 0 : increment(*series).amount;
}

std::vector<std::uint64_t> held_between(const Timeline& timeline, const Series& series,
                                        std::uint32_t first_point, double from_s, double to_s) {
  const auto seconds = [&](std::uint32_t point) {
    return static_cast<double>(timeline.at_ns.at(point)) / 1e9;
  };
  std::vector<std::uint64_t> held;
  for (auto point = std::max(first_point, series.first_read); point <= series.last_read; ++point) {
    const double began_s = point == 0 ? 0 : seconds(point - 1);
    if (began_s >= from_s && seconds(point) <= to_s) held.push_back(series.at(point));
  }
  return held;
}

}  // namespace model
