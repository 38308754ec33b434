// Who floods and who suffers: packets by flow and by where they come from.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "live/frequent.h"
#include "model/trace_event.h"
#include "probes/drops/drops.h"

namespace live {

// "10.1.2.0/24", "2001:db8::/64": those who send from one network are often one.
[[nodiscard]] std::string prefix_of(const std::string& address);

// Of what is dropped, or of what is received.
class FlowSums {
 public:
  FlowSums() : flows_(kWanted), sources_(kWanted) {}
  void add(const probes::drops::FlowCount& count);
  // Packets of flows that found no room in the kernel.
  void set_outside(std::uint64_t packets);

  [[nodiscard]] std::uint64_t total() const { return flows_.total(); }
  [[nodiscard]] std::vector<model::TracedShare> flows() const;
  [[nodiscard]] std::vector<model::TracedShare> sources() const;

 private:
  static constexpr std::size_t kWanted = 32768;
  using FlowKey = std::pair<model::Inode, model::Flow>;
  using SourceKey = std::pair<model::Inode, std::string>;
  Frequent<FlowKey> flows_;
  Frequent<SourceKey> sources_;
};

// What a probe counted by flow, dropped and received, in the namespaces that were asked about.
class CountedFlows {
 public:
  void take(const probes::drops::FlowCounts& counts, const std::set<model::Inode>& netns);
  // Fills in flows and sources; the names of namespaces are those that `name_of` gives.
  void tell(model::TraceSummary& summary,
            const std::function<std::string(const model::Inode&)>& name_of) const;

 private:
  FlowSums dropped_;
  FlowSums received_;
  std::uint64_t unread_ = 0;
};

}  // namespace live
