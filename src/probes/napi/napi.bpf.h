/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program of drops.bpf.c: it is loaded with it, for the types of the running kernel are dear to
 * read (15 ms).
 *
 * Every NAPI poll of the host: how many packets it took, and whether that was all that it was
 * allowed (net/core/dev.c: __napi_poll). A poll that used its whole budget leaves packets in the
 * ring; the kernel itself counts only what a CPU's softirq leaves undone (time_squeeze).
 */
#pragma once

#include "probes/kernel.bpf.h"

#include "probes/napi/napi.wire.h"

struct napi_struct {
  struct net_device* dev;
} __attribute__((preserve_access_index));

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, kMaxPolled);
  __type(key, struct Polled);
  __type(value, struct Polls);
} polls SEC(".maps");

SEC("tp_btf/napi_poll")
int count_poll(__u64* context) {
  struct napi_struct* napi = (struct napi_struct*)context[0];
  int work = (int)context[1], budget = (int)context[2];
  struct Polled key = {.cpu = bpf_get_smp_processor_id()};
  struct net_device* dev = napi->dev;
  struct Polls* known;

  if (dev) {
    key.netns = dev->nd_net.net->ns.inum;
    key.ifindex = dev->ifindex;
  }
  known = bpf_map_lookup_elem(&polls, &key);
  if (!known) {
    const struct Polls none = {};

    bpf_map_update_elem(&polls, &key, &none, BPF_NOEXIST);
    known = bpf_map_lookup_elem(&polls, &key);
    if (!known) return 0;
  }
  known->polls++;
  if (work > 0) known->packets += work;
  if (work > 0 && work >= budget) known->exhausted++;
  return 0;
}
