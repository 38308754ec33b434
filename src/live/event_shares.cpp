#include "live/event_shares.h"

namespace live {
namespace {

std::vector<std::string> flow_words(const model::Flow& flow) {
  return {flow.protocol, flow.source, std::to_string(flow.source_port), flow.destination,
          std::to_string(flow.destination_port)};
}

std::vector<std::string> owner_words(const model::Owner& owner) {
  return {owner.comm, std::to_string(owner.pid), owner.cgroup};
}

std::vector<model::TracedShare> named(std::vector<model::TracedShare> rows,
                                      const std::map<model::Inode, std::string>& names) {
  for (auto& row : rows) {
    const auto name = names.find(row.netns);
    if (name != names.end()) row.netns_name = name->second;
  }
  return rows;
}

}  // namespace

void EventShares::add(const model::TraceEvent& event) {
  const auto& place = event.place;
  packets_ += place.packets;
  names_[place.netns] = place.netns_name;
  if (event.flow) flows_.add({flow_words(*event.flow), place.netns}, place.packets);
  if (event.owner) owners_.add({owner_words(*event.owner), place.netns}, place.packets);
}

void EventShares::tell(model::TraceSummary& summary) const {
  summary.flows = named(flows_.rows(), names_);
  summary.owners = named(owners_.rows(), names_);
}

}  // namespace live
