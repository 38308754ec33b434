// The NAPI polls of a window, as counters at both its ends.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "model/evidence.h"
#include "probes/napi/napi.h"

namespace observe {

class PollCounts {
 public:
  PollCounts() = default;
  explicit PollCounts(std::unique_ptr<probes::napi::Probe> probe) : probe_(std::move(probe)) {}

  // Adds what was counted so far to the timeline of `evidence`, which knows the devices; or, once,
  // that it cannot be read. Nothing without a probe.
  void add(std::uint32_t point, model::Evidence& evidence);

 private:
  std::unique_ptr<probes::napi::Probe> probe_;
};

// Counters "napi_poll.…". A device that is not among `devices` has its number for a name.
[[nodiscard]] model::Snapshot poll_counters(std::span<const probes::napi::Row> rows,
                                            const std::vector<model::Device>& devices);

}  // namespace observe
