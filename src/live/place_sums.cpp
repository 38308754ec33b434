#include "live/place_sums.h"

#include <algorithm>
#include <functional>

namespace live {

void PlaceSums::add(const model::TracedPlace& place) {
  packets_ += place.packets;
  const Key key{place.account, place.reason, place.location, place.netns, place.device};
  const auto [found, is_new] = places_.try_emplace(key, place);
  if (is_new) return;
  auto& sum = found->second;
  sum.packets += place.packets;
  sum.by_cpu.resize(std::max(sum.by_cpu.size(), place.by_cpu.size()));
  for (std::size_t at = 0; at < place.by_cpu.size(); ++at) sum.by_cpu[at] += place.by_cpu[at];
}

std::vector<model::TracedPlace> PlaceSums::rows() const {
  std::vector<model::TracedPlace> rows;
  for (const auto& [key, place] : places_) rows.push_back(place);
  std::ranges::stable_sort(rows, std::greater(), &model::TracedPlace::packets);
  return rows;
}

}  // namespace live
