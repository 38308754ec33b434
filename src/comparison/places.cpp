#include "comparison/places.h"

#include <algorithm>
#include <set>

namespace comparison {
namespace {

constexpr std::string_view kLabel = "netns=\"";
constexpr std::string_view kGone = "a:";

// What stays the same when a namespace is made anew; "" = nothing does.
std::string name_of(const model::Netns& netns) {
  if (!netns.name.empty() && !netns.name.starts_with("pid:")) return "name " + netns.name;
  if (netns.container_name) return "container " + *netns.container_name;
  if (netns.container) return "container " + *netns.container;
  if (netns.unit) return "unit " + *netns.unit;
  return netns.comm.empty() ? "" : "process " + netns.comm;
}

const model::Netns* namesake(const model::Evidence& evidence, const model::Netns& wanted) {
  const auto name = name_of(wanted);
  if (name.empty()) return nullptr;
  const model::Netns* only = nullptr;
  for (const auto& netns : evidence.netns) {
    if (name_of(netns) != name) continue;
    if (only != nullptr) return nullptr;  // two of one name: who is who cannot be said
    only = &netns;
  }
  return only;
}

std::string shown_name(const model::Netns& netns) {
  if (!netns.name.empty()) return netns.name;
  if (netns.container_name) return *netns.container_name;
  if (netns.container) return *netns.container;
  if (netns.unit) return *netns.unit;
  return netns.comm.empty() ? "inode:" + netns.id : netns.comm;
}

}  // namespace

std::map<model::Inode, model::Inode> matched_namespaces(const model::Evidence& a,
                                                        const model::Evidence& b) {
  const bool same_boot = a.host.id == b.host.id && a.host.boot_id == b.host.boot_id;
  std::map<model::Inode, model::Inode> matched;
  std::set<model::Inode> taken;
  for (const auto& netns : a.netns) {
    if (!same_boot || model::find_netns(b, netns.id) == nullptr) continue;
    matched[netns.id] = netns.id;
    taken.insert(netns.id);
  }
  for (const auto& netns : a.netns) {
    if (matched.contains(netns.id)) continue;
    const auto* there = namesake(b, netns);
    const bool free = there != nullptr && taken.insert(there->id).second;
    matched[netns.id] = free ? there->id : std::string(kGone) + netns.id;
  }
  return matched;
}

std::string translated(std::string_view id,
                       const std::map<model::Inode, model::Inode>& namespaces) {
  const auto label = id.find(kLabel);
  if (label == std::string_view::npos) return std::string(id);
  const auto begin = label + kLabel.size();
  const auto end = id.find('"', begin);
  const auto known = namespaces.find(std::string(id.substr(begin, end - begin)));
  if (end == std::string_view::npos || known == namespaces.end()) return std::string(id);
  return std::string(id.substr(0, begin)) + known->second + std::string(id.substr(end));
}

std::string netns_name(std::string_view id, const model::Evidence& a, const model::Evidence& b) {
  auto inode = model::counter_label(id, "netns");
  if (inode.empty()) return "";
  const bool gone = inode.starts_with(kGone);
  if (gone) inode = inode.substr(kGone.size());
  const auto* netns = model::find_netns(gone ? a : b, inode);
  return netns == nullptr ? "inode:" + inode : shown_name(*netns);
}

}  // namespace comparison
