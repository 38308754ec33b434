#include "diagnose/homeless.h"

#include <algorithm>
#include <map>

#include "diagnose/samples.h"

namespace diagnose {
namespace {

using model::Evidence;
using model::WitnessKind;

// By namespace, how much more its counters of the place saw than its traces.
using Gaps = std::map<model::Inode, std::uint64_t>;

Gaps gaps_of(const std::vector<Entry>& entries) {
  Gaps gaps;
  for (const auto& entry : entries) {
    const bool counter = entry.witness.kind == WitnessKind::kCounter;
    if (counter && !entry.at.netns.empty()) gaps[entry.at.netns] += entry.witness.packets;
  }
  for (const auto& entry : entries) {
    if (entry.witness.kind != WitnessKind::kTrace) continue;
    const auto gap = gaps.find(entry.at.netns);
    if (gap != gaps.end()) gap->second -= std::min(gap->second, entry.witness.packets);
  }
  return gaps;
}

// Whether a sampled packet of the tally was for an address of the namespace.
bool is_destination(const Evidence& evidence, std::uint32_t tally, const model::Inode& netns) {
  return std::ranges::any_of(evidence.drops.samples, [&](const model::DropSample& sample) {
    return sample.tally == tally && sample.flow &&
           netns_of_address(evidence, sample.flow->destination, netns) == netns;
  });
}

}  // namespace

void find_homes(const Evidence& evidence, std::vector<Entry>& entries) {
  auto gaps = gaps_of(entries);
  for (auto& entry : entries) {
    if (entry.witness.kind != WitnessKind::kTrace || !entry.at.netns.empty() || !entry.tally) {
      continue;
    }
    auto home = std::ranges::max_element(gaps, {}, [](const auto& gap) { return gap.second; });
    for (auto gap = gaps.begin(); gap != gaps.end(); ++gap) {
      const bool has_room = gap->second >= entry.witness.packets;
      if (has_room && is_destination(evidence, *entry.tally, gap->first)) home = gap;
    }
    if (home == gaps.end() || home->second < entry.witness.packets) continue;
    entry.at.netns = home->first;
    home->second -= entry.witness.packets;
  }
}

}  // namespace diagnose
