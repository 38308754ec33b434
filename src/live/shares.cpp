#include "live/shares.h"

#include <algorithm>
#include <cmath>

namespace live {

void Shares::add(Key key, std::uint64_t packets) {
  total_ += packets;
  open_ += packets * (packets - 1);
  if (packets_.size() >= kMost && !packets_.contains(key)) key = {};
  packets_[std::move(key)] += packets;
}

std::vector<model::TracedShare> Shares::rows() const {
  constexpr double kNormal95 = 1.96;
  std::vector<model::TracedShare> rows;
  for (const auto& [key, packets] : packets_) {
    const double part = static_cast<double>(packets) / static_cast<double>(total_);
    const double deviation = std::sqrt(static_cast<double>(open_) * part * (1 - part));
    rows.push_back({.what = key.what,
                    .netns = key.netns,
                    .packets = packets,
                    .error = static_cast<std::uint64_t>(std::ceil(kNormal95 * deviation))});
  }
  std::ranges::stable_sort(rows, std::greater(), &model::TracedShare::packets);
  return rows;
}

}  // namespace live
