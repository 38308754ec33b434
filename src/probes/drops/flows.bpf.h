/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose packets: a count for each flow.
 *
 * Two tables take turns. User space empties the one at rest several times a second, so each has to
 * hold only the flows of that time, and nothing is counted while it is read: no packet is lost
 * between the tables. What finds no room is counted in sum.
 */
#pragma once

#include "probes/drops/table.bpf.h"

const volatile __u32 with_flows = 0;

/* Which of the tables is written to; user space turns it. */
__u32 flows_turn = 0;

struct flow_table {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, struct DropFlowKey);
  __type(value, __u64);
};

/* Sized before loading, where flows are wanted. */
struct flow_table flows_even SEC(".maps");
struct flow_table flows_odd SEC(".maps");

/* IPv4 without options, or IPv6, with the ports behind it. */
enum { kFlowHeaderBytes = 44, kFlowIpv4Bytes = 20, kFlowIpv6Bytes = 40 };

static __always_inline bool protocol_has_ports(__u8 protocol) {
  return protocol == kIpprotoTcp || protocol == kIpprotoUdp || protocol == kIpprotoSctp;
}

static __always_inline bool read_ipv4(struct DropFlowKey* key, const __u8* header,
                                      const unsigned char* at) {
  __u32 bytes = (header[0] & 0xf) * 4;
  bool is_first = ((header[6] & 0x1f) | header[7]) == 0;

  __builtin_memcpy(key->source, header + 12, 4);
  __builtin_memcpy(key->destination, header + 16, 4);
  key->protocol = header[9];
  if (!protocol_has_ports(key->protocol) || !is_first) return true;
  if (bytes == kFlowIpv4Bytes)
    __builtin_memcpy(&key->ports, header + kFlowIpv4Bytes, 4);
  else
    bpf_probe_read_kernel(&key->ports, 4, at + bytes);
  return true;
}

static __always_inline bool read_ipv6(struct DropFlowKey* key, const __u8* header) {
  __builtin_memcpy(key->source, header + 8, 16);
  __builtin_memcpy(key->destination, header + 24, 16);
  key->protocol = header[6];
  if (protocol_has_ports(key->protocol)) {
    __builtin_memcpy(&key->ports, header + kFlowIpv6Bytes, 4);
  }
  return true;
}

/* `at` is where the IP header begins. False for what is not IP. */
static __always_inline bool read_flow(struct DropFlowKey* key, const unsigned char* at) {
  __u8 header[kFlowHeaderBytes];

  if (bpf_probe_read_kernel(header, sizeof(header), at) != 0) return false;
  key->version = header[0] >> 4;
  if (key->version == 4) return read_ipv4(key, header, at);
  if (key->version == 6) return read_ipv6(key, header);
  return false;
}

static __always_inline void add_flow(struct DropTable* table, void* flows,
                                     const struct DropFlowKey* key, __u64 packets) {
  __u64* count = bpf_map_lookup_elem(flows, key);

  if (!count) {
    __u64 none = 0;

    bpf_map_update_elem(flows, key, &none, BPF_NOEXIST);
    count = bpf_map_lookup_elem(flows, key);
  }
  if (count)
    __sync_fetch_and_add(count, packets);
  else
    table->flows_outside += packets;
}

static __always_inline void count_flow(struct DropTable* table, struct DropFlowKey* key,
                                       const unsigned char* at, __u32 packets) {
  if (!read_flow(key, at)) {
    table->flows_unread += packets;
    return;
  }
  if (flows_turn & 1)
    add_flow(table, &flows_odd, key, packets);
  else
    add_flow(table, &flows_even, key, packets);
}
