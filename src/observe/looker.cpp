#include "observe/looker.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"

namespace observe {
namespace {

using sources::Cadence;
using sources::Scope;

constexpr size_t kNamesShown = 4;

std::string names_text(const std::vector<std::string>& names) {
  const auto shown = std::min(names.size(), kNamesShown);
  auto text = fmt::format("{}", fmt::join(std::span(names).first(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

// Only what /proc shows of the namespace of another process.
void look_from_outside(const host::Namespace& place, sources::Access& access) {
  access.proc_net = "/proc/" + std::to_string(place.pid) + "/net";
  access.can_use_netlink = false;
}

std::int64_t monotonic_ns() {
  static const auto kClock = base::system_clock();
  return kClock->monotonic().count();
}

}  // namespace

Looker::Looker(const base::Files& files) : files_(files) {}

base::Status Looker::refresh_namespaces() {
  auto list = TRY(host::list_namespaces(files_));
  namespaces_ = std::move(list.namespaces);
  complete_ = list.complete && (with_hidden_ || list.hidden.empty());
  if (with_hidden_) std::ranges::move(list.hidden, std::back_inserter(namespaces_));
  for (const auto& place : namespaces_) {
    const bool known = std::ranges::find(seen_, place.id, &host::Namespace::id) != seen_.end();
    if (!known) seen_.push_back(place);
  }
  return {};
}

HostLook Looker::look(Depth depth) {
  constexpr auto kPoint = std::to_array({Cadence::kEveryPoint});
  constexpr auto kStart = std::to_array({Cadence::kBothEnds, Cadence::kSettings});
  constexpr auto kEnd = std::to_array({Cadence::kBothEnds, Cadence::kSettings, Cadence::kAtEnd});
  constexpr auto kCounters = std::to_array({Cadence::kEveryPoint, Cadence::kBothEnds});
  constexpr auto kInventory = std::to_array({Cadence::kInventory});
  constexpr auto kEverything = std::to_array(
      {Cadence::kEveryPoint, Cadence::kBothEnds, Cadence::kSettings, Cadence::kInventory});
  HostLook found;
  found_devices_.clear();
  const bool of_window = depth == Depth::kStart || depth == Depth::kPoint || depth == Depth::kEnd;
  if (!of_window) {
    const auto cadences = depth == Depth::kInventory ? Cadences(kEverything) : Cadences(kCounters);
    // The host's interrupts are those of devices that are found in the namespaces.
    read_namespaces(cadences, depth, found.all);
    read_host(cadences, depth, found.all);
    found.points_read_ns = monotonic_ns();
    return found;
  }
  read_host(kPoint, depth, found.all);
  read_namespaces(kPoint, depth, found.all);
  found.points_read_ns = monotonic_ns();
  if (depth == Depth::kPoint) return found;
  const auto cadences = depth == Depth::kEnd ? Cadences(kEnd) : Cadences(kStart);
  read_host(cadences, depth, found.all);
  read_namespaces(cadences, depth, found.all);
  if (!with_inventory_) return found;
  read_namespaces(kInventory, depth, found.all);
  read_host(kInventory, depth, found.all);
  return found;
}

sources::Access Looker::access_to(const base::Netlink& netlink, const model::Inode& netns,
                                  Depth depth) {
  const bool in_full =
      depth == Depth::kEnd || depth == Depth::kCounters || depth == Depth::kInventory;
  return {.files = files_,
          .netlink = netlink,
          .netns = netns,
          .memory = in_full ? nullptr : &memories_[netns]};
}

void Looker::read_host(Cadences cadences, Depth depth, sources::Look& look) {
  const auto netlink = base::system_netlink();
  auto access = access_to(*netlink, "", depth);
  read_sources(Scope::kHost, cadences, access, look);
}

void Looker::read_namespaces(Cadences cadences, Depth depth, sources::Look& look) {
  visitor_.visit_each(namespaces_, [&](const host::Namespace& place, const base::Status& entered) {
    read_inside(place, entered, cadences, depth, look);
  });
}

void Looker::read_sources(Scope scope, Cadences cadences, sources::Access& access,
                          sources::Look& look) {
  for (const auto cadence : cadences) {
    show_devices(scope, look, access);
    const Part devices{.first = look.devices.size()};
    const Part hardware{.first = look.hardware.size()};
    for (const auto* source : sources::all_sources()) {
      if (source->scope == scope && source->cadence == cadence) source->read(access, look);
    }
    if (look.devices.size() == devices.first) continue;
    found_devices_[access.netns] = {
        {devices.first, look.devices.size() - devices.first},
        {hardware.first, look.hardware.size() - hardware.first},
    };
  }
}

// What `link` found is for the sources of the cadences after it; for those of the host, all of it.
void Looker::show_devices(Scope scope, const sources::Look& look, sources::Access& access) {
  access.devices = look.devices;
  access.hardware = look.hardware;
  if (scope == Scope::kHost) return;
  const auto found = found_devices_.find(access.netns);
  const auto parts = found == found_devices_.end() ? FoundDevices{} : found->second;
  access.devices = access.devices.subspan(parts.devices.first, parts.devices.count);
  access.hardware = access.hardware.subspan(parts.hardware.first, parts.hardware.count);
}

sources::Look Looker::look_into(const model::Inode& netns,
                                void (*read)(const sources::Access&, sources::Look&),
                                const model::Question* question) {
  sources::Look found;
  const auto place = std::ranges::find(namespaces_, netns, &host::Namespace::id);
  if (place == namespaces_.end()) return found;
  const auto netlink = base::system_netlink();
  sources::Access access{
      .files = files_, .netlink = *netlink, .netns = netns, .question = question};
  if (const auto closed = closed_.find(netns); closed != closed_.end()) {
    if (!closed->second.has_counters || question != nullptr) return found;
    look_from_outside(*place, access);
    read(access, found);
    found.blind_spots.clear();
    return found;
  }
  const auto visited = visitor_.visit(*place, [&] { read(access, found); });
  if (!visited) return {};
  return found;
}

void Looker::read_inside(const host::Namespace& place, const base::Status& entered,
                         Cadences cadences, Depth depth, sources::Look& look) {
  const auto netlink = base::system_netlink();
  auto access = access_to(*netlink, place.id, depth);
  if (!closed_.contains(place.id)) {
    if (entered) return read_sources(Scope::kNetns, cadences, access, look);
    note_closed(place, entered.error());
  }
  const auto closed = closed_.find(place.id);
  if (closed == closed_.end() || place.pid == 0) return;
  closed->second.has_counters = true;
  // Each source would say that it lacks the right to enter: closed_namespaces() says it once.
  const auto told = look.blind_spots.size();
  look_from_outside(place, access);
  read_sources(Scope::kNetns, cadences, access, look);
  look.blind_spots.resize(told);
}

// A namespace that is gone is no news.
void Looker::note_closed(const host::Namespace& place, const base::Error& error) {
  if (!base::is_refusal(error)) return;
  const auto name = place.name.empty() ? "inode:" + place.id : place.name;
  closed_[place.id] = {.name = name, .why = error.what, .has_counters = false};
}

std::vector<model::BlindSpot> Looker::closed_namespaces(
    const std::set<model::Inode>& selected) const {
  using enum model::Stage;
  std::vector<model::BlindSpot> spots;
  for (const bool has_counters : {true, false}) {
    std::vector<std::string> names;
    std::string why;
    for (const auto& [id, closed] : closed_) {
      const bool wanted = selected.empty() || selected.contains(id);
      if (!wanted || closed.has_counters != has_counters) continue;
      names.push_back(closed.name);
      if (why.empty()) why = closed.why;
    }
    if (names.empty()) continue;
    spots.push_back(
        {.what = fmt::format("{} of network namespace{} {}",
                             has_counters ? "devices, queues, TCP listeners, rules and settings"
                                          : "counters, devices, queues, sockets and rules",
                             names.size() == 1 ? "" : "s", names_text(names)),
         .why = why,
         .enable = "CAP_SYS_ADMIN",
         .stages = {kWire, kRing, kLink, kQdisc}});
  }
  return spots;
}

}  // namespace observe
