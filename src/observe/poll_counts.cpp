#include "observe/poll_counts.h"

#include <algorithm>
#include <string>

#include "model/counter.h"
#include "observe/assemble.h"

namespace observe {
namespace {

std::string labels_of(const probes::napi::Row& row, const std::vector<model::Device>& devices) {
  const auto cpu = std::to_string(row.cpu);
  if (row.ifindex == 0) return model::counter_id("", {{"cpu", cpu}, {"shared", "host"}});
  const auto found = std::ranges::find_if(devices, [&](const model::Device& device) {
    return device.netns == row.netns && device.ifindex == row.ifindex;
  });
  const auto name = found == devices.end() ? std::to_string(row.ifindex) : found->name;
  return model::counter_id("", {{"cpu", cpu}, {"dev", name}, {"netns", row.netns}});
}

}  // namespace

void PollCounts::add(std::uint32_t point, model::Evidence& evidence) {
  if (!probe_) return;
  const auto rows = probe_->read();
  if (rows) return evidence.timeline.add(point, poll_counters(*rows, evidence.devices), {});
  const model::BlindSpot spot{.what = "which devices' polls used their whole budget",
                              .why = rows.error().what,
                              .enable = rows.error().hint,
                              .stages = {}};
  add_blind_spots(std::span(&spot, 1), evidence);
}

model::Snapshot poll_counters(std::span<const probes::napi::Row> rows,
                              const std::vector<model::Device>& devices) {
  model::Snapshot counters;
  for (const auto& row : rows) {
    const auto labels = labels_of(row, devices);
    // A device that was replaced under its name polled as two.
    counters["napi_poll.polls" + labels] += row.polls;
    counters["napi_poll.packets" + labels] += row.packets;
    counters["napi_poll.exhausted" + labels] += row.exhausted;
  }
  return counters;
}

}  // namespace observe
