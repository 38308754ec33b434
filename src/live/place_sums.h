// Packets by place: sums of places that differ in nothing that is told.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "model/trace_event.h"

namespace live {

class PlaceSums {
 public:
  // `place.packets` and `place.by_cpu` are added.
  void add(const model::TracedPlace& place);
  // Most packets first.
  [[nodiscard]] std::vector<model::TracedPlace> rows() const;
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  using Key = std::tuple<std::string, std::string, std::string, model::Inode, std::string>;
  std::map<Key, model::TracedPlace> places_;
  std::uint64_t packets_ = 0;
};

}  // namespace live
