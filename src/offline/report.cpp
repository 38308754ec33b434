#include "offline/report.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/byte_source.h"
#include "offline/host_facts.h"
#include "offline/look.h"
#include "offline/open.h"
#include "offline/places.h"
#include "sources/link.h"

namespace offline {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kNamesShown = 4;
constexpr std::size_t kMostNamespaces = 1000;
// One byte is looked at; the unpackers hand on what they have.
constexpr std::uint64_t kMostToLookAt = 1U << 20;
// sos tells the uptime in minutes, and clocks are set.
constexpr std::int64_t kBootTolerance = 150 * kSecond;

// `count`: of all of them.
std::string names_text(const std::vector<std::string>& names, std::size_t count) {
  const auto shown = std::min(names.size(), kNamesShown);
  auto text = fmt::format("{}", fmt::join(std::span(names).first(shown), ", "));
  if (count > shown) text += fmt::format(" and {} more", count - shown);
  return text;
}

model::Netns row_of(const Place& place) {
  return {.id = place.id,
          .name = place.name,
          .enter_path = place.name == "init" ? "" : "/run/netns/" + place.name};
}

// Blind spots of many namespaces that lack the same are one.
void fold(const std::map<std::string, std::vector<std::string>>& names_by_what, std::size_t places,
          model::Evidence& evidence) {
  for (auto& spot : evidence.blind_spots) {
    const auto names = names_by_what.find(spot.what);
    if (names == names_by_what.end() || names->second.size() == places) continue;
    spot.what += fmt::format(" of network namespace{} {}", names->second.size() == 1 ? "" : "s",
                             names_text(names->second, names->second.size()));
  }
}

void add_once(const model::BlindSpot& spot, model::Evidence& evidence) {
  auto& told = evidence.blind_spots;
  if (std::ranges::find(told, spot) == told.end()) told.push_back(spot);
}

sources::Look look_everywhere(const Contents& contents, const std::vector<Place>& places,
                              model::Evidence& evidence) {
  sources::Look look;
  std::map<std::string, std::vector<std::string>> names_by_what;
  for (const auto& place : places) {
    look_at(contents, place, look);
    for (const auto& spot : look.blind_spots) {
      add_once(spot, evidence);
      names_by_what[spot.what].push_back(place.name);
    }
    look.blind_spots.clear();
  }
  fold(names_by_what, places.size(), evidence);
  look_at_host(contents, places.front(), look);
  for (const auto& spot : look.blind_spots) add_once(spot, evidence);
  return look;
}

void tell_what_no_report_holds(model::Evidence& evidence) {
  using enum model::Stage;
  evidence.blind_spots.push_back(
      {.what = "the place and reason of each drop",
       .why = "a report holds no trace",
       .enable = "whydrop on the host",
       .stages = {kXdp, kTcIngress, kNetfilter, kIp, kNeighbour, kNetfilterOut}});
  evidence.blind_spots.push_back(
      {.what = "when packets were lost, and whether any still are",
       .why = "a report holds what was counted since the host was started",
       .enable = "a second report, and `whydrop compare FIRST SECOND`",
       .stages = {}});
}

void tell_left_out(const Contents& contents, model::Evidence& evidence) {
  for (const auto& [why, what] : contents.left_out()) {
    evidence.blind_spots.push_back({.what = names_text(what.first, what.count),
                                    .why = "left out: " + why,
                                    .enable = {},
                                    .stages = {}});
  }
}

// Two points: all counters were 0 when the host was started, or came to life after that.
void fill_timeline(const sources::Look& look, std::int64_t duration_ns, model::Timeline& timeline) {
  auto zeros = look.counters;
  for (auto& [id, value] : zeros) value = 0;
  timeline.add(timeline.add_point(0), zeros, {});
  timeline.add(timeline.add_point(duration_ns), look.counters, look.gauges);
}

bool is_of_sos(const Contents& contents) {
  return std::ranges::any_of(
      contents.files(), [](const auto& entry) { return entry.first.starts_with("sos_commands/"); });
}

std::int64_t boot_time(const model::Evidence& evidence) {
  return evidence.window.start_wall_ns;
}

}  // namespace

base::Result<model::Evidence> evidence_of(Contents contents) {
  auto places = TRY(find_places(contents));
  for (auto at = kMostNamespaces; at < places.size(); ++at) {
    contents.leave_out("network namespace " + places[at].name, "too many namespaces");
  }
  places.resize(std::min(places.size(), kMostNamespaces));
  complete_files(places, contents);
  model::Evidence evidence;
  const auto facts = read_host_facts(contents, places.front());
  evidence.version = WHYDROP_VERSION;
  evidence.host = facts.host;
  evidence.window.kind = kSinceBoot;
  evidence.window.origin = is_of_sos(contents) ? "sosreport" : "file";
  evidence.window.duration_ns = static_cast<std::int64_t>(facts.uptime_s) * kSecond;
  evidence.window.start_wall_ns = facts.taken_s * kSecond - evidence.window.duration_ns;
  if (facts.taken_s == 0) evidence.window.start_wall_ns = 0;
  for (const auto& place : places) evidence.netns.push_back(row_of(place));
  tell_what_no_report_holds(evidence);
  auto look = look_everywhere(contents, places, evidence);
  tell_left_out(contents, evidence);
  if (facts.uptime_s == 0) {
    evidence.blind_spots.push_back({.what = "how many packets were lost a second",
                                    .why = "the report does not tell how long the host had run",
                                    .enable = {},
                                    .stages = {}});
  }
  fill_timeline(look, evidence.window.duration_ns, evidence.timeline);
  sources::resolve_peers(look.devices, {});
  evidence.devices = std::move(look.devices);
  evidence.sockets = std::move(look.sockets);
  evidence.settings = std::move(look.settings);
  evidence.kernel_messages = std::move(look.messages);
  return evidence;
}

base::Result<model::Evidence> read_report(const std::string& path) {
  auto contents = open_report(path);
  auto evidence = contents ? evidence_of(std::move(*contents))
                           : base::Result<model::Evidence>(std::unexpected(contents.error()));
  if (evidence) return evidence;
  auto error = evidence.error();
  if (error.what.find(path) == std::string::npos) error.what = path + ": " + error.what;
  return std::unexpected(std::move(error));
}

bool is_report(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return false;
  if (S_ISDIR(status.st_mode)) return true;
  if (!S_ISREG(status.st_mode)) return false;
  auto bytes = base::open_bytes(path);
  if (!bytes) return false;
  char first = 0;
  const auto content = base::unpacked(std::move(*bytes), kMostToLookAt);
  if (!content) return true;  // packed by what only archives are packed by
  const auto got = (*content)->read(std::span(&first, 1));
  // Evidence is JSON.
  return got && *got == 1 && first != '{';
}

bool are_of_one_boot(const model::Evidence& first, const model::Evidence& second) {
  if (first.window.kind != kSinceBoot || second.window.kind != kSinceBoot) return false;
  const auto& [a, b] = std::tie(first.host, second.host);
  if (a.id != b.id || a.name != b.name || first.window.duration_ns >= second.window.duration_ns) {
    return false;
  }
  if (!a.boot_id.empty() && !b.boot_id.empty()) return a.boot_id == b.boot_id;
  const auto distance = boot_time(first) - boot_time(second);
  return distance <= kBootTolerance && -distance <= kBootTolerance;
}

model::Evidence between(const model::Evidence& first, model::Evidence second) {
  const auto start_ns = first.window.duration_ns;
  second.window.kind = "increment";
  second.window.start_wall_ns += start_ns;
  second.window.duration_ns -= start_ns;
  model::Snapshot at_start;
  model::Snapshot at_end;
  model::Snapshot gauges_at_start;
  model::Snapshot gauges_at_end;
  for (const auto& [id, series] : first.timeline.counters) at_start[id] = series.last();
  for (const auto& [id, series] : second.timeline.counters) at_end[id] = series.last();
  for (const auto& [id, series] : first.timeline.gauges) gauges_at_start[id] = series.last();
  for (const auto& [id, series] : second.timeline.gauges) gauges_at_end[id] = series.last();
  second.timeline = {};
  second.timeline.add(second.timeline.add_point(0), at_start, gauges_at_start);
  second.timeline.add(second.timeline.add_point(second.window.duration_ns), at_end, gauges_at_end);
  std::map<std::pair<model::Inode, std::uint64_t>, std::uint64_t> drops;
  for (const auto& socket : first.sockets) drops[{socket.netns, socket.inode}] = socket.drops;
  for (auto& socket : second.sockets) {
    const auto before = drops.find({socket.netns, socket.inode});
    if (before != drops.end()) socket.drops_at_start = before->second;
  }
  std::erase_if(second.kernel_messages, [&](const model::KernelMessage& message) {
    return message.at_s < static_cast<double>(start_ns) / 1e9;
  });
  for (auto& message : second.kernel_messages) {
    message.at_s -= static_cast<double>(start_ns) / 1e9;
  }
  std::erase_if(second.blind_spots, [](const model::BlindSpot& spot) {
    return spot.enable.find("whydrop compare") != std::string::npos;
  });
  return second;
}

}  // namespace offline
