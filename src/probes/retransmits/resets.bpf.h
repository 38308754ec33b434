/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs of retransmits.bpf.c: every reset that TCP sends or obeys.
 *
 * Before 6.10 a reset that answers a segment without a socket raises no event, and none has a
 * reason. A reset that meets a request or a time-wait socket raises none on any kernel.
 */
#pragma once

#include "probes/retransmits/flows.bpf.h"

enum sk_rst_reason___any {
  SK_RST_REASON_NOT_SPECIFIED___any,
};
typedef void (*btf_trace_tcp_send_reset___with_reason)(void*, const struct sock*,
                                                       const struct sk_buff*,
                                                       enum sk_rst_reason___any reason);

static __always_inline bool resets_have_reasons(void) {
  return bpf_core_type_matches(btf_trace_tcp_send_reset___with_reason);
}

struct reset {
  const struct sock* sk;     /* may be NULL */
  const struct sk_buff* skb; /* that it answers; may be NULL */
  struct ResetKey key;
};

/* From the segment that is answered: its ends are ours the other way round. */
static __always_inline void read_ends(struct RetransmitHead* head, const struct sk_buff* skb) {
  unsigned char* start = BPF_CORE_READ(skb, head);
  unsigned char* network = start + BPF_CORE_READ(skb, network_header);
  unsigned char* transport = start + BPF_CORE_READ(skb, transport_header);
  __be16 ports[2] = {};

  if (BPF_CORE_READ(skb, protocol) == __builtin_bswap16(0x86dd)) {
    head->family = kAfInet6;
    bpf_probe_read_kernel(head->ends.remote, 16, network + 8);
    bpf_probe_read_kernel(head->ends.local, 16, network + 24);
  } else {
    head->family = kAfInet;
    bpf_probe_read_kernel(head->ends.remote, 4, network + 12);
    bpf_probe_read_kernel(head->ends.local, 4, network + 16);
  }
  bpf_probe_read_kernel(ports, sizeof(ports), transport);
  head->remote_port = __builtin_bswap16(ports[0]);
  head->local_port = __builtin_bswap16(ports[1]);
}

static __always_inline void sample_reset(void* context, struct RetransmitBooks* own,
                                         const struct reset* reset) {
  __u64 now = bpf_ktime_get_ns();
  struct ResetSample* sample = open_sample(own, now, sizeof(*sample));

  if (!sample) return;
  fill_head(&sample->head, reset->sk, now);
  sample->head.is_reset = 1;
  sample->head.netns = reset->key.netns;
  sample->head.frames = take_stack(context, sample->stack);
  sample->reason = reset->key.reason;
  sample->sent = reset->key.sent;
  __builtin_memset(sample->padding, 0, sizeof(sample->padding));
  /* A listener has no remote end, but what it refuses has. */
  if (reset->skb && (!reset->sk || reset->key.state == kTcpListen))
    read_ends(&sample->head, reset->skb);
  bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
}

static __always_inline int book_reset(void* context, struct reset* reset) {
  struct RetransmitBooks* own = own_books();
  const struct sk_buff* skb = reset->skb;
  const struct sock* sk = reset->sk;
  const __u64 none = 0;
  __u64* count;

  if (!own) return 0;
  if (sk) {
    reset->key.state = BPF_CORE_READ(sk, __sk_common.skc_state);
    reset->key.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  } else {
    reset->key.netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
  }
  count = bpf_map_lookup_elem(&resets, &reset->key);
  if (!count) {
    bpf_map_update_elem(&resets, &reset->key, &none, BPF_NOEXIST);
    count = bpf_map_lookup_elem(&resets, &reset->key);
  }
  if (!count) {
    own->outside_resets++;
    return 0;
  }
  if (wants_sample(*count)) sample_reset(context, own, reset);
  __sync_fetch_and_add(count, 1);
  return 0;
}

/* Both pointers may be NULL, which kernels from 6.13 on tell the verifier, and earlier ones do not:
 * these believe that a test for NULL is needless, and leave it out. So they are read as numbers. */
SEC("tp_btf/tcp_send_reset")
int count_sent_reset(__u64* context) {
  struct reset reset = {.key = {.sent = 1}};
  __u64 arguments[2] = {};

  bpf_probe_read_kernel(arguments, sizeof(arguments), context);
  reset.sk = (const struct sock*)arguments[0];
  reset.skb = (const struct sk_buff*)arguments[1];
  if (resets_have_reasons()) reset.key.reason = context[2];
  return book_reset(context, &reset);
}

SEC("tp_btf/tcp_receive_reset")
int count_received_reset(__u64* context) {
  struct reset reset = {.sk = (const struct sock*)context[0]};

  return book_reset(context, &reset);
}
