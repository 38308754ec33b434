// The most frequent of many things, in bounded memory, with a bound of the error.
//
// Each thing has a counter while there is room for twice as many as are wanted. Then the size of
// the one in the middle is taken off all, and those that come to nothing go (Misra and Gries, 1982,
// in batches). So a count is never too high, and never more than what was taken off too low: that
// is the error. Until it is first needed every count is exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace live {

template <class Thing>
class Frequent {
 public:
  explicit Frequent(std::size_t wanted) : wanted_(wanted) {}

  void add(const Thing& thing, std::uint64_t packets) {
    total_ += packets;
    counts_[thing] += packets;
    if (counts_.size() > 2 * wanted_) prune();
  }

  // What found no room before it came here: any thing may have lost so much.
  void set_unseen(std::uint64_t packets) { unseen_ = packets; }

  [[nodiscard]] std::uint64_t total() const { return total_; }
  // By how much a count may be too low.
  [[nodiscard]] std::uint64_t error() const { return taken_off_ + unseen_; }
  // The largest first.
  [[nodiscard]] std::vector<std::pair<Thing, std::uint64_t>> rows() const {
    std::vector<std::pair<Thing, std::uint64_t>> rows(counts_.begin(), counts_.end());
    std::ranges::stable_sort(rows, std::greater(), &std::pair<Thing, std::uint64_t>::second);
    return rows;
  }

 private:
  void prune() {
    std::vector<std::uint64_t> sizes;
    for (const auto& [thing, packets] : counts_) sizes.push_back(packets);
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() - wanted_);
    std::ranges::nth_element(sizes, middle);
    const std::uint64_t off = *middle;
    taken_off_ += off;
    for (auto at = counts_.begin(); at != counts_.end();) {
      if (at->second <= off) {
        at = counts_.erase(at);
      } else {
        at->second -= off;
        ++at;
      }
    }
  }

  std::size_t wanted_;
  std::map<Thing, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t taken_off_ = 0;
  std::uint64_t unseen_ = 0;
};

}  // namespace live
