#include "observe/snapshot.h"

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "base/files.h"
#include "host/grant.h"
#include "host/identity.h"
#include "host/owners.h"
#include "observe/assemble.h"
#include "observe/looker.h"
#include "sources/link.h"
#include "sources/sockets.h"
#include "sources/veth_peers.h"

namespace observe {
namespace {

// What is of no namespace is of the host, and is always kept.
bool is_wanted(const std::set<model::Inode>& selected, const model::Inode& netns) {
  return selected.empty() || netns.empty() || selected.contains(netns);
}

template <class Values>
void keep_selected(const std::set<model::Inode>& selected, Values& values) {
  std::erase_if(values, [&](const auto& entry) {
    return !is_wanted(selected, model::counter_label(entry.first, "netns"));
  });
}

// Pairs that cross namespaces; those that look alike are told apart by their addresses.
void resolve_peers(Looker& looker, std::vector<model::Device>& devices) {
  sources::resolve_peers(devices, {});
  std::set<model::Inode> open;
  for (const auto& device : devices) {
    if (device.kind == "veth" && device.peer_ifindex != 0 && !device.peer)
      open.insert(device.netns);
  }
  std::vector<sources::VethEnds> ends;
  for (const auto& netns : open) {
    std::ranges::move(looker.look_into(netns, sources::read_veth_ends).veth_ends,
                      std::back_inserter(ends));
  }
  if (!ends.empty()) sources::resolve_peers(devices, ends);
}

std::vector<model::Socket> read_sockets(Looker& looker, const std::set<model::Inode>& selected,
                                        std::vector<model::BlindSpot>& blind_spots) {
  std::vector<model::Socket> sockets;
  for (const auto& place : looker.namespaces()) {
    if (!is_wanted(selected, place.id)) continue;
    auto found = looker.look_into(place.id, sources::read_all_sockets);
    std::ranges::move(found.sockets, std::back_inserter(sockets));
    std::ranges::move(found.blind_spots, std::back_inserter(blind_spots));
  }
  return sockets;
}

void name_owners(const base::Files& files, std::vector<model::Socket>& sockets) {
  std::set<std::uint64_t> inodes;
  for (const auto& socket : sockets) inodes.insert(socket.inode);
  inodes.erase(0);  // of connections that no process has taken yet, or that are closed
  const auto owners = host::find_owners(files, inodes);
  for (auto& socket : sockets) {
    const auto owner = owners.find(socket.inode);
    if (owner != owners.end()) socket.owner = owner->second;
  }
}

}  // namespace

base::Result<model::Evidence> take_snapshot(const SnapshotRequest& request) {
  const auto files = base::system_files();
  const auto clock = base::system_clock();
  const auto standing = TRY(host::read_standing(*files));
  Looker looker(*files);
  looker.include_hidden();
  TRY(looker.refresh_namespaces());
  const auto selected = TRY(host::resolve_selectors(*files, looker.namespaces(), request.netns));

  model::Evidence evidence;
  evidence.version = WHYDROP_VERSION;
  evidence.host = host::read_identity(*files);
  evidence.window.kind = "instant";
  evidence.window.start_wall_ns = clock->wall().count();
  const auto began = clock->monotonic();
  auto look = looker.look(Depth::kInventory).all;
  evidence.window.duration_ns = (clock->monotonic() - began).count();

  keep_selected(selected, look.counters);
  keep_selected(selected, look.gauges);
  keep_selected(selected, look.settings);
  evidence.timeline.add(evidence.timeline.add_point(0), look.counters, look.gauges);
  evidence.settings = std::move(look.settings);
  evidence.netns = netns_rows(looker.seen(), selected);
  evidence.devices = std::move(look.devices);
  set_addresses(look.addresses, evidence.devices);
  resolve_peers(looker, evidence.devices);
  if (request.with_sockets) {
    evidence.sockets = read_sockets(looker, selected, look.blind_spots);
    name_owners(*files, evidence.sockets);
  }
  add_blind_spots(look.blind_spots, evidence);
  add_blind_spots(looker.closed_namespaces(selected), evidence);
  if (!looker.is_complete()) evidence.blind_spots.push_back(unlisted_namespaces(false));
  evidence.grant = host::grant_for(standing, evidence.blind_spots);
  return evidence;
}

}  // namespace observe
