#include "diagnose/homeless.h"

#include <algorithm>
#include <map>
#include <utility>

#include "diagnose/samples.h"

namespace diagnose {
namespace {

using model::Evidence;
using model::WitnessKind;

// Where a counter of the place is kept, device "" where it does not tell.
using Home = std::pair<model::Inode, std::string>;

struct Gap {
  std::uint64_t packets = 0;  // that the counters saw and the traces did not
  std::vector<std::uint64_t> series;
};
using Gaps = std::map<Home, Gap>;

Gaps::iterator gap_of(Gaps& gaps, const model::Place& at) {
  const auto of_device = gaps.find({at.netns, at.dev});
  return of_device != gaps.end() ? of_device : gaps.find({at.netns, ""});
}

Gaps gaps_of(const std::vector<Entry>& entries) {
  Gaps gaps;
  for (const auto& entry : entries) {
    const bool counter = entry.witness.kind == WitnessKind::kCounter;
    if (!counter || entry.at.netns.empty()) continue;
    auto& gap = gaps[{entry.at.netns, entry.at.dev}];
    gap.packets += entry.witness.packets;
    gap.series = entry.series;
  }
  for (const auto& entry : entries) {
    if (entry.witness.kind != WitnessKind::kTrace) continue;
    const auto gap = gap_of(gaps, entry.at);
    if (gap == gaps.end()) continue;
    gap->second.packets -= std::min(gap->second.packets, entry.witness.packets);
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

bool is_homeless(const Entry& entry) {
  return entry.witness.kind == WitnessKind::kTrace && entry.at.netns.empty() && entry.tally;
}

void move_in(Entry& entry, const Home& home) {
  entry.at.netns = home.first;
  if (!home.second.empty()) entry.at.dev = home.second;
}

// Where the trace tells no namespaces, one tally is of all that dropped there: each counter gets
// the part that it lacks.
void share_out(std::vector<Entry>& entries, Gaps& gaps) {
  std::vector<Entry> parts;
  for (auto& entry : entries) {
    if (!is_homeless(entry)) continue;
    for (auto& [home, gap] : gaps) {
      const auto part = std::min(gap.packets, entry.witness.packets);
      if (part == 0) continue;
      gap.packets -= part;
      Entry one = entry;
      one.witness.packets = part;
      one.series = gap.series;
      move_in(one, home);
      parts.push_back(std::move(one));
      entry.witness.packets -= part;
    }
  }
  std::erase_if(entries, [](const Entry& entry) { return entry.witness.packets == 0; });
  std::ranges::move(parts, std::back_inserter(entries));
}

}  // namespace

void find_homes(const Evidence& evidence, std::vector<Entry>& entries) {
  auto gaps = gaps_of(entries);
  const auto missing = [](const auto& gap) { return gap.second.packets; };
  for (auto& entry : entries) {
    if (!is_homeless(entry)) continue;
    auto home = std::ranges::max_element(gaps, {}, missing);
    for (auto gap = gaps.begin(); gap != gaps.end(); ++gap) {
      const bool has_room = gap->second.packets >= entry.witness.packets;
      if (has_room && is_destination(evidence, *entry.tally, gap->first.first)) home = gap;
    }
    if (home == gaps.end() || home->second.packets < entry.witness.packets) continue;
    move_in(entry, home->first);
    home->second.packets -= entry.witness.packets;
  }
  if (model::traced_without_places(evidence)) share_out(entries, gaps);
}

}  // namespace diagnose
