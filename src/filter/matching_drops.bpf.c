/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the tests: counts what kfree_skb says was dropped, all of it and what matches a filter, in
 * one network namespace. */
#include "filter/filter.bpf.h"

#include <linux/pkt_cls.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 of_netns = 0;

struct ns_common {
  unsigned int inum;
} __attribute__((preserve_access_index));

struct net {
  struct ns_common ns;
} __attribute__((preserve_access_index));

struct net_device {
  struct {
    struct net* net;
  } nd_net;
} __attribute__((preserve_access_index));

struct sk_buff___device {
  struct net_device* dev;
} __attribute__((preserve_access_index));

__u64 dropped = 0;
__u64 matched = 0;

SEC("tp_btf/kfree_skb")
int count_matching(__u64* context) {
  struct sk_buff___device* skb = (void*)context[0];

  if (BPF_CORE_READ(skb, dev, nd_net.net, ns.inum) != of_netns) return 0;
  __sync_fetch_and_add(&dropped, 1);
  if (with_filter && !skb_matches(skb)) return 0;
  __sync_fetch_and_add(&matched, 1);
  return 0;
}

/* Loses every packet of the device that it hangs on, whatever is in it. */
SEC("tc")
int lose(struct __sk_buff* packet __attribute__((unused))) {
  return TC_ACT_SHOT;
}
