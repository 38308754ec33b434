// Reads the queues of devices: byte queue limits, timeouts, the CPUs that send and receive, and
// what the kernel says of each queue, its NAPI and its interrupt.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "sources/source.h"

namespace sources {

// What stands in the folders of queues of a mounted sysfs of the namespace: counters
// `queues.tx_timeout`, gauges `bql.inflight_bytes`, settings `bql.limit_bytes` and the like,
// `xps.cpus`, `xps.rxqs`, `rps.cpus`, `rps.flow_entries` {dev,netns,queue}; queue "tx-0".
void read_queue_folders(const Access& access, const std::string& sysfs, Look& look);

// One answer to NETDEV_CMD_QUEUE_GET: setting `queues.napi{dev,netns,queue}`.
void parse_queue(std::span<const std::byte> answer, const Access& access, Look& look);
// One answer to NETDEV_CMD_NAPI_GET: settings `napi.irq`, `napi.thread_pid`,
// `napi.defer_hard_irqs`, `napi.gro_flush_timeout_ns` {dev,napi,netns}.
void parse_napi(std::span<const std::byte> answer, const Access& access, Look& look);
// One answer to NETDEV_CMD_QSTATS_GET: counters `qstats.rx-packets{dev,netns,queue}` and the like,
// in the spelling of the kernel's netdev.yaml.
void parse_queue_statistics(std::span<const std::byte> answer, const Access& access, Look& look);

}  // namespace sources
