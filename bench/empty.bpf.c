/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does nothing at each kfree_skb: what any program on the tracepoint costs at least. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/kfree_skb")
int do_nothing(__u64* context) {
  (void)context;
  return 0;
}
