#include "live/namer.h"

#include <algorithm>

#include "base/clock.h"
#include "host/owners.h"
#include "observe/assemble.h"
#include "sources/link.h"
#include "sources/source.h"

namespace live {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr auto kBetweenLooks = milliseconds(100);
// A search for owners goes through the descriptors of all processes: it may take this share of the
// time.
constexpr int kCheapShare = 50;
constexpr std::size_t kMostOwners = 100'000;

}  // namespace

base::Status Namer::read_namespaces() {
  TRY(looker_.refresh_namespaces());
  rows_ = observe::netns_rows(looker_.seen(), {});
  return {};
}

bool Namer::knows(const model::Inode& netns) const {
  return std::ranges::find(rows_, netns, &model::Netns::id) != rows_.end();
}

void Namer::want(const model::Inode& netns, std::uint32_t ifindex) {
  if (netns.empty() || devices_.contains({netns, ifindex})) return;
  wanted_.insert(netns);
}

void Namer::want_owner(std::uint64_t socket_inode) {
  if (socket_inode == 0 || owners_.contains(socket_inode)) return;
  if (owners_.size() + wanted_owners_.size() < kMostOwners) wanted_owners_.insert(socket_inode);
}

void Namer::look(nanoseconds now) {
  if (!wanted_owners_.empty() && now >= next_owners_) {
    const auto clock = base::system_clock();
    const auto began = clock->monotonic();
    read_owners();
    next_owners_ = now + (clock->monotonic() - began) * kCheapShare;
  }
  if (wanted_.empty() || now < next_look_) return;
  next_look_ = now + kBetweenLooks;
  const bool is_new = std::ranges::any_of(
      wanted_, [&](const auto& netns) { return !knows(netns) && !unknown_.contains(netns); });
  // A listing that fails now leaves the namespaces known so far.
  if (is_new) (void)read_namespaces();
  for (const auto& netns : wanted_) {
    if (knows(netns)) {
      read_devices(netns);
    } else {
      unknown_.insert(netns);
    }
  }
  wanted_.clear();
}

void Namer::read_devices(const model::Inode& netns) {
  const auto link = std::ranges::find(sources::all_sources(), "link", &sources::Source::name);
  for (const auto& device : looker_.look_into(netns, (*link)->read).devices) {
    devices_[{netns, device.ifindex}] = device.name;
  }
}

void Namer::read_owners() {
  const auto found = host::find_owners(files_, wanted_owners_);
  for (const auto inode : wanted_owners_) {
    const auto owner = found.find(inode);
    owners_[inode] = owner == found.end() ? std::nullopt : std::optional(owner->second);
  }
  wanted_owners_.clear();
}

std::string Namer::netns_name(const model::Inode& netns) const {
  const auto found = std::ranges::find(rows_, netns, &model::Netns::id);
  if (found == rows_.end()) return netns.empty() ? "" : "inode:" + netns;
  if (!found->name.empty()) return found->name;
  if (found->container_name) return *found->container_name;
  return found->comm.empty() ? "inode:" + netns : found->comm;
}

std::string Namer::device_name(const model::Inode& netns, std::uint32_t ifindex) const {
  const auto found = devices_.find({netns, ifindex});
  return found == devices_.end() ? "" : found->second;
}

std::optional<model::Owner> Namer::owner(std::uint64_t socket_inode) const {
  const auto found = owners_.find(socket_inode);
  return found == owners_.end() ? std::nullopt : found->second;
}

}  // namespace live
