#include "diagnose/driver_statistics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "knowledge/drivers.h"

namespace diagnose {
namespace {

using knowledge::Role;
using model::Evidence;

constexpr std::string_view kPrefix = "ethtool.";

// In which standard counters drivers put packets that they lose.
constexpr auto kStandard = std::to_array<std::string_view>(
    {"link.rx_dropped", "link.rx_errors", "link.rx_fifo_errors", "link.rx_missed_errors",
     "link.rx_over_errors", "link.tx_dropped", "link.tx_errors"});

std::string driver_of(const Evidence& evidence, const model::CounterId& id) {
  const auto netns = model::counter_label(id, "netns");
  const auto dev = model::counter_label(id, "dev");
  const auto found = std::ranges::find_if(evidence.devices, [&](const model::Device& device) {
    return device.netns == netns && device.name == dev;
  });
  if (found == evidence.devices.end()) return "";
  // A virtual device's driver is called as its kind.
  return found->driver.empty() ? found->kind : found->driver;
}

knowledge::Statistic statistic_of(const Evidence& evidence, const model::CounterId& id) {
  const auto name = model::counter_name(id);
  if (!name.starts_with(kPrefix)) return {};
  return knowledge::find_statistic(driver_of(evidence, id), name.substr(kPrefix.size()));
}

// A counter of the same device.
model::CounterId beside(std::string_view name, const model::CounterId& id) {
  return model::counter_id(name, {{"dev", model::counter_label(id, "dev")},
                                  {"netns", model::counter_label(id, "netns")}});
}

bool counts_exactly(std::string_view counter) {
  const auto* row = knowledge::find_counter(counter);
  return row != nullptr && row->role == Role::kExact;
}

std::optional<int> queue_of(const model::CounterId& id) {
  const auto label = model::counter_label(id, "queue");
  int queue = 0;
  const auto end = label.data() + label.size();
  const auto [at, failed] = std::from_chars(label.data(), end, queue);
  return failed == std::errc() && at == end ? std::optional(queue) : std::nullopt;
}

Entry entry_of(const Evidence& evidence, const model::CounterId& id, const knowledge::Counter& row,
               std::uint64_t packets) {
  Entry entry;
  entry.account = row.place;
  entry.stage = row.stage;
  entry.direction = model::direction_of(row.stage);
  entry.klass = row.klass;
  entry.at.netns = model::counter_label(id, "netns");
  entry.at.dev = model::counter_label(id, "dev");
  entry.at.queue = queue_of(id);
  entry.witness.kind = model::WitnessKind::kCounter;
  entry.witness.id = id;
  entry.witness.unit = row.unit;
  entry.witness.packets = packets;
  entry.series = model::rises(evidence.timeline, *evidence.timeline.counter(id));
  return entry;
}

// What standard counters have already told of the statistics of one device: each is taken off the
// statistics that stand in it, one after the other.
class Told {
 public:
  explicit Told(const Evidence& evidence) : evidence_(evidence) {}

  // What is left of `rise`. A standard counter that is a sum tells of no place: it takes nothing,
  // and the statistic is heard in it (echoes).
  std::uint64_t left_of(std::uint64_t rise, const model::CounterId& id, std::string_view standard) {
    if (standard.empty() || !counts_exactly(standard)) return rise;
    const auto counter = beside(standard, id);
    const auto [found, fresh] = left_.try_emplace(counter, 0);
    if (fresh) found->second = evidence_.timeline.rise(counter);
    const auto taken = std::min(rise, found->second);
    found->second -= taken;
    return rise - taken;
  }

 private:
  const Evidence& evidence_;
  std::map<model::CounterId, std::uint64_t> left_;
};

// Of a driver that nobody read: the statistic that rose most of those whose names mean loss, since
// the others of the device may well count the same packets again; and of that, what no standard
// counter has.
class Guesses {
 public:
  void consider(const model::CounterId& id, const knowledge::Counter& row, std::uint64_t rise) {
    auto& best = best_[{beside("", id), row.stage}];
    if (rise > best.rise) best = {id, &row, rise};
  }

  void tell(const Evidence& evidence, std::vector<Entry>& entries) const {
    for (const auto& [device, best] : best_) {
      std::uint64_t standard = 0;
      for (const auto name : kStandard) {
        standard = std::max(standard, evidence.timeline.rise(beside(name, best.id)));
      }
      if (best.rise <= standard) continue;
      auto entry = entry_of(evidence, best.id, *best.row, best.rise - standard);
      entry.account = model::counter_name(best.id);
      entry.witness.covers = model::Covers::kIncludes;
      entries.push_back(std::move(entry));
    }
  }

 private:
  struct Best {
    model::CounterId id;
    const knowledge::Counter* row = nullptr;
    std::uint64_t rise = 0;
  };
  std::map<std::pair<std::string, model::Stage>, Best> best_;
};

}  // namespace

std::vector<Entry> driver_entries(const Evidence& evidence) {
  std::vector<Entry> entries;
  Told told(evidence);
  Guesses guesses;
  const auto& counters = evidence.timeline.counters;
  for (auto at = counters.lower_bound(kPrefix);
       at != counters.end() && at->first.starts_with(kPrefix); ++at) {
    const auto& [id, series] = *at;
    const auto rise = model::increment(series).amount;
    if (rise == 0) continue;
    const auto [row, is_guess] = statistic_of(evidence, id);
    if (row == nullptr) continue;
    if (is_guess) {
      guesses.consider(id, *row, rise);
    } else if (row->role == Role::kExact) {
      const auto left = told.left_of(rise, id, row->also);
      if (left > 0) entries.push_back(entry_of(evidence, id, *row, left));
    }
  }
  guesses.tell(evidence, entries);
  return entries;
}

std::vector<model::BlindSpot> unsettled_statistics(const Evidence& evidence) {
  std::map<std::pair<std::string, std::int64_t>, std::string> devices;  // by driver and its refresh
  for (const auto& device : evidence.devices) {
    const auto* driver = knowledge::find_driver(device.driver);
    if (driver == nullptr) continue;
    const auto refresh = std::chrono::nanoseconds(driver->refresh);
    if (evidence.window.duration_ns >= refresh.count()) continue;
    auto& names =
        devices[{device.driver, std::chrono::ceil<std::chrono::seconds>(refresh).count()}];
    names += (names.empty() ? "" : ", ") + device.name;
  }
  std::vector<model::BlindSpot> spots;
  for (const auto& [by, names] : devices) {
    const auto& [driver, seconds] = by;
    spots.push_back(
        {.what = "what the card of " + names + " lost in the last seconds",
         .why = fmt::format("its driver {} asks it only every {} s", driver, seconds),
         .enable = fmt::format("a window of {} s or more (-t {}s)", seconds, 2 * seconds),
         .stages = {model::Stage::kWire, model::Stage::kRing, model::Stage::kTxRing}});
  }
  return spots;
}

const knowledge::Counter* row_of(const Evidence& evidence, const model::CounterId& id) {
  const auto* standard = knowledge::find_counter(model::counter_name(id));
  return standard != nullptr ? standard : statistic_of(evidence, id).row;
}

}  // namespace diagnose
