// Reads which CPU takes the interrupts and soft interrupts, and which device each interrupt is of.
#pragma once

#include <string_view>
#include <vector>

#include "sources/source.h"

namespace sources {

// An interrupt of a network device.
struct DeviceInterrupt {
  std::string number;  // "38"
  std::string device;
  model::Inode netns;
};

// /proc/interrupts. An interrupt of a device is told for each CPU, as counters
// `interrupts.count{cpu,dev,irq,name,netns,queue}` (`queue` where the name tells one: "rx-0");
// others only in sum, `interrupts.total{irq,name,shared}`. One that `devices` lacks is a device's
// still where its name is that of one in `named` ("eth0-TxRx-0"). Gives all that are a device's.
std::vector<DeviceInterrupt> parse_interrupts(std::string_view text,
                                              const std::vector<DeviceInterrupt>& devices,
                                              std::span<const model::Device> named, Look& look);

// /proc/softirqs: counters `softirqs.NET_RX{cpu,shared}`.
void parse_softirqs(std::string_view text, Look& look);

// "rx-0" of "virtio2-input.0", "rxtx-3" of "eth0-TxRx-3" or "mlx5_comp3@pci:0000:03:00.0"; "" where
// the name tells no queue.
[[nodiscard]] std::string queue_of_interrupt(std::string_view name);

}  // namespace sources
