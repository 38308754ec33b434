// Which drops the user wants to see.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "filter/program.h"
#include "model/trace_event.h"

namespace live {

// Empty parts select everything. What lies in a place (namespace, device, reason, stage, class)
// selects exactly; what lies in the owner can only be decided of drops that were sampled.
struct Selection {
  std::set<model::Inode> netns;
  std::string device;
  std::vector<std::string> reasons;  // in any case
  std::vector<model::Stage> stages;
  bool noise = false;
  std::optional<std::uint32_t> pid;
  std::string comm;
  std::string cgroup;  // a part of its path
  // Of what was not filtered in the kernel; null: all. Must outlive the selection.
  const filter::Program* filter = nullptr;

  [[nodiscard]] bool takes(const model::TraceEvent& event) const;
  [[nodiscard]] bool takes(const model::TracedPlace& place) const;
  [[nodiscard]] bool takes(const std::optional<model::Owner>& owner) const;
  [[nodiscard]] bool asks_for_owner() const;
};

}  // namespace live
