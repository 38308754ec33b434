// Flows and owners of the events that were told, with their shares.
#pragma once

#include "live/shares.h"
#include "model/trace_event.h"

namespace live {

class EventShares {
 public:
  void add(const model::TraceEvent& event);
  // Fills in flows and owners.
  void tell(model::TraceSummary& summary) const;
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  Shares flows_;
  Shares owners_;
  std::map<model::Inode, std::string> names_;  // of namespaces
  std::uint64_t packets_ = 0;
};

}  // namespace live
