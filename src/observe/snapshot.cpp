#include "observe/snapshot.h"

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "base/files.h"
#include "base/netlink.h"
#include "host/grant.h"
#include "host/identity.h"
#include "observe/assemble.h"
#include "observe/looker.h"
#include "sources/link.h"

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

void note_missing_rights(const host::Standing& standing, const Looker& looker,
                         const std::set<model::Inode>& selected, model::Evidence& evidence) {
  auto& spots = evidence.blind_spots;
  std::ranges::move(looker.closed_namespaces(selected), std::back_inserter(spots));
  if (!looker.is_complete()) spots.push_back(unlisted_namespaces(false));
  host::CapabilityNames wanted;
  for (const auto& spot : spots) wanted.merge(host::capabilities_in(spot.enable));
  evidence.grant = host::grant_of(standing, wanted);
}

}  // namespace

base::Result<model::Evidence> take_snapshot(const std::vector<std::string>& netns) {
  const auto files = base::system_files();
  const auto netlink = base::system_netlink();
  const auto clock = base::system_clock();
  const auto standing = TRY(host::read_standing(*files));
  Looker looker(*files, *netlink);
  looker.include_hidden();
  TRY(looker.refresh_namespaces());
  const auto selected = TRY(host::resolve_selectors(*files, looker.namespaces(), netns));

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
  sources::resolve_peers(evidence.devices, {});
  for (const auto& spot : look.blind_spots) {
    auto& told = evidence.blind_spots;
    if (std::ranges::find(told, spot) == told.end()) told.push_back(spot);
  }
  note_missing_rights(standing, looker, selected, evidence);
  return evidence;
}

}  // namespace observe
