#include "observe/looker.h"

#include <algorithm>

#include "base/clock.h"

namespace observe {
namespace {

using sources::Cadence;
using sources::Scope;

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
  complete_ = list.complete;
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
  if (place == namespaces_.end() || closed_.contains(netns)) return found;
  const auto visited = visitor_.visit(*place, [&] {
    read({.files = files_, .netlink = netlink_, .netns = netns, .question = question}, found);
  });
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
    note_closed(place, visited.error(), look);
  }
  if (!closed_.contains(place.id) || place.pid == 0) return;
  access.proc_net = "/proc/" + std::to_string(place.pid) + "/net";
  access.can_use_netlink = false;
  read_here();
}

// A namespace that is gone is no news; one that may not be entered is a blind spot, told once.
void Looker::note_closed(const host::Namespace& place, const base::Error& error,
                         sources::Look& look) {
  if (!base::is_refusal(error)) return;
  closed_.insert(place.id);
  const auto name = place.name.empty() ? "inode:" + place.id : place.name;
  look.blind_spots.push_back({.what = "devices, queues and sockets of network namespace " + name,
                              .why = error.what,
                              .enable = error.hint,
                              .stages = {}});
}

}  // namespace observe
