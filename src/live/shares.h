// Who has which part of what was dropped, worked out from samples.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/trace_event.h"

namespace live {

// Each sample stands for itself and for packets that were dropped at the same place since the one
// before it. So a part is the sum of its samples' weights; where every weight is 1 all were seen,
// and it is exact.
class Shares {
 public:
  struct Key {
    std::vector<std::string> what;
    model::Inode netns;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  void add(Key key, std::uint64_t packets);
  // Most packets first. The error is that of a sample of a random mix, 1.96 standard deviations:
  // each weight w leaves w - 1 packets open, each of which is of this part with its probability.
  [[nodiscard]] std::vector<model::TracedShare> rows() const;

 private:
  // Bounded: what finds no room goes to the key without words.
  static constexpr std::size_t kMost = 65536;
  std::map<Key, std::uint64_t> packets_;
  std::uint64_t total_ = 0;
  std::uint64_t open_ = 0;  // sum of w (w - 1)
};

}  // namespace live
