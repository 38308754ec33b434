#include "probes/drops/flows.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>

#include <cerrno>

#include "probes/drops/flow.h"

namespace probes::drops {
namespace {

static_assert(sizeof(wire::DropFlowKey) == 44);

}  // namespace

FlowCount flow_count(const wire::DropFlowKey& key, std::uint64_t packets) {
  const std::uint32_t ports = ntohl(key.ports);
  const int family = key.version == 6 ? AF_INET6 : AF_INET;
  return {.flow = {.protocol = protocol_name(key.protocol),
                   .source = address_text(family, key.source),
                   .source_port = static_cast<std::uint16_t>(ports >> 16),
                   .destination = address_text(family, key.destination),
                   .destination_port = static_cast<std::uint16_t>(ports & 0xffff)},
          .netns = key.netns == 0 ? "" : std::to_string(key.netns),
          .received = key.received != 0,
          .packets = packets};
}

// A batch holds whole buckets of the table: one that is too small for a bucket is refused, and is
// asked for again, bigger.
base::Status empty_resting(const FlowTables& tables, std::vector<FlowCount>& counts) {
  const int map = (*tables.turn & 1) != 0 ? tables.even : tables.odd;
  std::size_t room = 1024;
  std::uint32_t position = 0;
  bool begun = false;
  while (true) {
    std::vector<wire::DropFlowKey> keys(room);
    std::vector<std::uint64_t> values(room);
    auto count = static_cast<__u32>(room);
    const int failed = bpf_map_lookup_and_delete_batch(map, begun ? &position : nullptr, &position,
                                                       keys.data(), values.data(), &count, nullptr);
    const int reason = failed != 0 ? errno : 0;
    if (reason == ENOSPC) {
      room *= 2;
      continue;
    }
    if (reason != 0 && reason != ENOENT) {
      return base::system_failure("read the counts of flows", reason);
    }
    for (__u32 at = 0; at < count; ++at) counts.push_back(flow_count(keys[at], values[at]));
    if (reason == ENOENT) return {};
    begun = true;
  }
}

}  // namespace probes::drops
