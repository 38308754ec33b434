#include "observe/looker.h"

#include <algorithm>
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

Looker::Looker(const base::Files& files, const base::Netlink& netlink)
    : files_(files), netlink_(netlink) {}

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
  HostLook found;
  read_all(Cadence::kEveryPoint, depth, found.all);
  found.points_read_ns = monotonic_ns();
  if (depth != Depth::kPoint) read_all(Cadence::kBothEnds, depth, found.all);
  return found;
}

void Looker::read_all(Cadence cadence, Depth depth, sources::Look& look) {
  const sources::Access access{.files = files_,
                               .netlink = netlink_,
                               .netns = "",
                               .memory = depth == Depth::kEnd ? nullptr : &memories_[""]};
  for (const auto* source : sources::all_sources()) {
    const bool wanted = source->scope == Scope::kHost && source->cadence == cadence;
    if (wanted) source->read(access, look);
  }
  for (const auto& place : namespaces_) visit(place, cadence, depth, look);
}

sources::Look Looker::look_into(const model::Inode& netns,
                                void (*read)(const sources::Access&, sources::Look&),
                                const model::Question* question) {
  sources::Look found;
  const auto place = std::ranges::find(namespaces_, netns, &host::Namespace::id);
  if (place == namespaces_.end()) return found;
  sources::Access access{
      .files = files_, .netlink = netlink_, .netns = netns, .question = question};
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

void Looker::visit(const host::Namespace& place, Cadence cadence, Depth depth,
                   sources::Look& look) {
  sources::Access access{.files = files_,
                         .netlink = netlink_,
                         .netns = place.id,
                         .memory = depth == Depth::kEnd ? nullptr : &memories_[place.id]};
  const auto read_here = [&] {
    for (const auto* source : sources::all_sources()) {
      if (source->scope == Scope::kNetns && source->cadence == cadence) {
        source->read(access, look);
      }
    }
  };
  if (!closed_.contains(place.id)) {
    const auto visited = visitor_.visit(place, read_here);
    if (visited) return;
    note_closed(place, visited.error());
  }
  const auto closed = closed_.find(place.id);
  if (closed == closed_.end() || place.pid == 0) return;
  closed->second.has_counters = true;
  // Each source would say that it lacks the right to enter: closed_namespaces() says it once.
  const auto told = look.blind_spots.size();
  look_from_outside(place, access);
  read_here();
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
