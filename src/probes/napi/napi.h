// How much the devices' NAPI polls found, and how often that was all they were allowed to take.
// napi.bpf.h is the kernel half.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "model/netns.h"

namespace probes::napi {

// Of a device on a CPU, since the probe was attached.
struct Row {
  model::Inode netns;  // "" and 0: the CPU's backlog queue, which belongs to no device
  std::uint32_t ifindex = 0;
  std::uint32_t cpu = 0;
  std::uint64_t polls = 0;
  std::uint64_t packets = 0;
  std::uint64_t exhausted = 0;  // polls that took their whole budget (net.core.dev_weight, 64)
};

class Probe {
 public:
  virtual ~Probe() = default;
  // The devices that polled so far. Error: the kernel does not let the counts be
  // read, or there was no room for all of them.
  [[nodiscard]] virtual base::Result<std::vector<Row>> read() const = 0;
};

// Memory that the probe's BPF map takes: 107,584 bytes on 6.18, by the map's fdinfo.
[[nodiscard]] std::uint64_t map_bytes();

// Reads the map `polls`, which is there as long as `object` lives.
[[nodiscard]] std::unique_ptr<Probe> read_polls_of(std::shared_ptr<void> object, int map);

}  // namespace probes::napi
