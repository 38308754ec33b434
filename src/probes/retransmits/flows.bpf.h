/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The books of the kernel half: flows, sums, the sampling budget, and what all samples begin with.
 */
#pragma once

#include "probes/retransmits/tcp.bpf.h"

const volatile __u32 samples_per_budget = 100;
const volatile __u32 sample_mask = 1023;
const volatile __u32 with_stacks = 0;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, kRetransmitFlows);
  __type(key, struct RetransmitKey);
  __type(value, struct RetransmitFlow);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, kRetransmitResets);
  __type(key, struct ResetKey);
  __type(value, __u64);
} resets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct RetransmitBooks);
} books SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, kRetransmitRingBytes);
} samples SEC(".maps");

/* Request and time-wait sockets have only the common head. */
static __always_inline bool is_full_socket(unsigned char state) {
  return state != kTcpTimeWait && state != kTcpNewSynRecv;
}

/* A program of this kind may ask for a socket's cookie since 5.12, which brought check_mtu, too. */
static __always_inline bool can_make_cookies(void) {
  return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_check_mtu);
}

/* 0 until somebody asked for it. */
static __always_inline __u64 cookie_so_far(const struct sock* sk) {
  return BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
}

/* The port that stays after the socket is closed: skc_num does not (inet_put_port). */
static __always_inline __u16 local_port(const struct sock* sk) {
  return __builtin_bswap16(BPF_CORE_READ((const struct inet_sock*)sk, inet_sport));
}

/* Numbers are loaded as they are; pointers are not (see drops.bpf.c: set_place). */
static __always_inline struct RetransmitKey key_of(struct sock* sk, const struct tcp_sock* tcp) {
  struct RetransmitKey key = {.identity = (__u64)sk};

  if (can_make_cookies()) key.identity = bpf_get_socket_cookie(sk);
  key.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  key.local_port = __builtin_bswap16(tcp->inet_conn.icsk_inet.inet_sport);
  if (sk->__sk_common.skc_state != kTcpListen)
    key.remote_port = __builtin_bswap16(sk->__sk_common.skc_dport);
  return key;
}

/* Of a socket of any kind: the head has them. Only IPv4's four bytes, or all 16. */
static __always_inline void copy_ends(struct RetransmitEnds* ends, const struct sock* sk) {
  const struct sock_common* head = &sk->__sk_common;

  if (BPF_CORE_READ(head, skc_family) != kAfInet6) {
    bpf_core_read(ends->local, 4, &head->skc_rcv_saddr);
    bpf_core_read(ends->remote, 4, &head->skc_daddr);
  } else if (bpf_core_field_exists(head->skc_v6_daddr)) {
    bpf_core_read(ends->local, 16, &head->skc_v6_rcv_saddr);
    bpf_core_read(ends->remote, 16, &head->skc_v6_daddr);
  }
}

static __always_inline __u64 inode_of(const struct sock* sk) {
  return BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
}

static __always_inline __u64 cgroup_of(const struct sock* sk) {
  if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup)) return 0;
  return BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
}

static __always_inline struct RetransmitBooks* own_books(void) {
  __u32 zero = 0;

  return bpf_map_lookup_elem(&books, &zero);
}

/* The flow, begun now if it is new; NULL where there is no room for it. */
static __always_inline struct RetransmitFlow* flow_of(const struct RetransmitKey* key,
                                                      const struct sock* sk, __u64 now) {
  struct RetransmitFlow* flow = bpf_map_lookup_elem(&flows, key);
  const struct RetransmitFlow none = {};

  if (flow) return flow;
  bpf_map_update_elem(&flows, key, &none, BPF_NOEXIST);
  flow = bpf_map_lookup_elem(&flows, key);
  if (!flow) return NULL;
  flow->socket = (__u64)sk;
  flow->cookie = cookie_so_far(sk);
  flow->cgroup = cgroup_of(sk);
  flow->family = BPF_CORE_READ(sk, __sk_common.skc_family);
  flow->first_ns = now;
  copy_ends(&flow->ends, sk);
  if (BPF_CORE_READ(sk, __sk_common.skc_state) == kTcpListen)
    __builtin_memset(flow->ends.remote, 0, sizeof(flow->ends.remote));
  return flow;
}

static __always_inline bool has_budget(struct RetransmitBooks* own, __u64 now) {
  __u32 slot = now / kRetransmitBudgetNs;

  if (own->budget_slot != slot) {
    own->budget_slot = slot;
    own->budget_used = 0;
  }
  if (own->budget_used >= samples_per_budget) return false;
  own->budget_used++;
  return true;
}

static __always_inline bool wants_sample(__u64 events) {
  return events < kRetransmitFirstSamples || (events & sample_mask) == 0;
}

/* A record for the ring, or NULL, which is counted. */
static __always_inline void* open_sample(struct RetransmitBooks* own, __u64 now, __u64 bytes) {
  void* sample = NULL;

  if (has_budget(own, now)) sample = bpf_ringbuf_reserve(&samples, bytes, 0);
  if (!sample) own->samples_left_out++;
  return sample;
}

static __always_inline __u8 take_stack(void* context, __u64* stack) {
  long bytes = 0;

  if (with_stacks) bytes = bpf_get_stack(context, stack, kRetransmitFrames * sizeof(*stack), 0);
  return bytes > 0 ? bytes / sizeof(*stack) : 0;
}

/* `sk` is a socket of any kind. */
static __always_inline void fill_head(struct RetransmitHead* head, const struct sock* sk,
                                      __u64 now) {
  __builtin_memset(head, 0, sizeof(*head));
  head->time_ns = now;
  head->cpu = bpf_get_smp_processor_id();
  if (!sk) return;
  head->state = BPF_CORE_READ(sk, __sk_common.skc_state);
  head->family = BPF_CORE_READ(sk, __sk_common.skc_family);
  head->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  head->cookie = cookie_so_far(sk);
  head->identity = head->cookie && can_make_cookies() ? head->cookie : (__u64)sk;
  head->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
  copy_ends(&head->ends, sk);
  if (!is_full_socket(head->state)) {
    head->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
    return;
  }
  head->local_port = local_port(sk);
  head->inode = inode_of(sk);
  head->cgroup = cgroup_of(sk);
}
