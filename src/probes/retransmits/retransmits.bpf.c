/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every TCP segment that the host sends again, by flow and by kind, and every reset.
 *
 * RetransSegs and tcp_sock.total_retrans grow by the same number in __tcp_retransmit_skb()
 * (net/ipv4/tcp_output.c), before the segment is handed to IP; the event comes after that, 5.10 to
 * 7.2. So at an event the socket's own count is already the new one, and its change since the last
 * event is what RetransSegs grew by, whatever happened in between:
 *
 *  - Before 6.18 there is no event where IP did not take the segment (a firewall, a full queue);
 * the next event of the socket, its end, or the last look of user space then finds it.
 *  - From 6.18 on there is one, with an error; and there is one, too, for attempts that were given
 *    up before they were counted (the original still waits in this host: EBUSY).
 *
 * At a socket's first event what it had before is its count less what this event is about. What
 * fell before it without an event cannot be told from what it counted before the window.
 *
 * A SYN-ACK that is sent again is counted by the namespace only, one each (tcp_rtx_synack()): its
 * request has no socket yet. A child of Fast Open has one, which counts it as well.
 *
 * What the kernel itself retransmits for MPTCP's own sake is no TCP retransmission, and not here.
 */
#include "probes/retransmits/flows.bpf.h"

#include "probes/retransmits/resets.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

typedef void (*btf_trace_tcp_retransmit_skb___with_error)(void*, const struct sock*,
                                                          const struct sk_buff*, int err);

/* Before 6.18: what IP did not take raises no event. */
static __always_inline bool failures_are_silent(void) {
  return !bpf_core_type_matches(btf_trace_tcp_retransmit_skb___with_error);
}

struct attempt {
  __u64 now;
  struct sock* sk;
  const struct tcp_skb_cb* segment; /* NULL for a SYN-ACK */
  struct RetransmitKey key;
  __u32 total;    /* what the socket counted; 0 where it does not count */
  __u32 segments; /* that this event is about */
  int error;
  __u8 kind;
  bool anchors; /* the socket counts it */
};

/* tcp_write_timer_handler() forgets what it waited for before it calls tcp_retransmit_timer(), but
 * not before tcp_send_loss_probe(). All others retransmit while an ACK is handled, or after the
 * timer of reordering: in the states Loss (tcp_xmit_retransmit_queue() counts TCPSlowStartRetrans)
 * or Recovery (TCPFastRetrans). Loss is entered by a timeout, by news of a smaller path MTU and by
 * a refused Fast Open; what of it is which cannot be told here.
 *
 * Whether a retransmission was needless cannot be known yet: see dsacks. */
static __always_inline __u8 kind_of(const struct tcp_sock* tcp, const struct tcp_skb_cb* segment) {
  __u16 flags = BPF_CORE_READ_BITFIELD_PROBED(segment, tcp_flags);
  __u8 state = BPF_CORE_READ_BITFIELD(tcp, inet_conn.icsk_ca_state);
  __u8 pending = tcp->inet_conn.icsk_pending;

  if (flags & kTcpFlagSyn) return kRetransmitSyn;
  if (state == kCaLoss) return pending == kTimerNone ? kRetransmitTimeout : kRetransmitLoss;
  if (state == kCaRecovery) return kRetransmitFast;
  return pending == kTimerLossProbe ? kRetransmitLossProbe : kRetransmitOther;
}

/* Asked at a socket's first event only: was an attempt that failed counted? These errors come from
 * __tcp_retransmit_skb() before it counts; and what it counted bears a mark. */
static __always_inline bool was_counted(const struct attempt* attempt) {
  const struct tcp_skb_cb* segment = attempt->segment;
  int error = attempt->error;

  if (error == 0) return true;
  if (error == kErrorBusy || error == kErrorAgain || error == kErrorInvalid) return false;
  return BPF_CORE_READ(segment, sacked) & kSackedEverRetransmitted;
}

static __always_inline void add(__u64* sum, __u64 more) {
  __sync_fetch_and_add(sum, more);
}

static __always_inline void book_unseen(struct RetransmitFlow* flow, __u32 unseen) {
  if (!unseen) return;
  add(&flow->segments[kRetransmitUnseen], unseen);
  if (failures_are_silent()) add(&flow->refused, unseen);
}

/* Books what the socket counted; returns how much that was. A count that grew by less than what was
 * just sent began anew: the socket was connected once more (tcp_disconnect()). */
static __always_inline __u32 book_growth(struct RetransmitFlow* flow,
                                         const struct attempt* attempt) {
  __u32 here = was_counted(attempt) ? attempt->segments : 0, unseen = 0;
  __u32 grown = attempt->total - flow->total;
  bool anchored = attempt->anchors && flow->anchored;

  if (anchored && attempt->error == 0 && (__s32)grown >= (__s32)here) unseen = grown - here;
  if (anchored && attempt->error != 0 && (__s32)grown >= 0) here = grown;
  if (attempt->anchors) {
    flow->total = attempt->total;
    flow->anchored = 1;
    flow->closed = 0;
  }
  if (here)
    add(&flow->segments[attempt->kind & 7], here);
  else
    add(&flow->uncounted, 1);
  if (attempt->error && here) add(&flow->refused, here);
  book_unseen(flow, unseen);
  return here + unseen;
}

static __always_inline void take_sample(void* context, struct RetransmitBooks* own,
                                        const struct attempt* attempt, const struct tcp_sock* tcp,
                                        __u32 counted) {
  struct RetransmitSample* sample = open_sample(own, attempt->now, sizeof(*sample));
  const struct tcp_skb_cb* segment = attempt->segment;

  if (!sample) return;
  fill_head(&sample->head, attempt->sk, attempt->now);
  sample->head.identity = attempt->key.identity;
  sample->head.frames = take_stack(context, sample->stack);
  sample->kind = attempt->kind;
  sample->error = attempt->error;
  sample->segments = counted;
  sample->congestion_state = BPF_CORE_READ_BITFIELD(tcp, inet_conn.icsk_ca_state);
  sample->backoff = tcp->inet_conn.icsk_backoff;
  sample->rto_jiffies = tcp->inet_conn.icsk_rto;
  sample->flags = BPF_CORE_READ_BITFIELD_PROBED(segment, tcp_flags);
  sample->sequence = BPF_CORE_READ(segment, seq);
  sample->length = BPF_CORE_READ(segment, end_seq) - sample->sequence;
  sample->acknowledges = tcp->rcv_nxt;
  sample->srtt_us = tcp->srtt_us >> 3;
  sample->packets_out = tcp->packets_out;
  sample->retrans_out = tcp->retrans_out;
  sample->lost_out = tcp->lost_out;
  sample->sacked_out = tcp->sacked_out;
  sample->cwnd = tcp->snd_cwnd;
  sample->ssthresh = tcp->snd_ssthresh;
  sample->send_window = tcp->snd_wnd;
  sample->total = attempt->total;
  bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
}

static __always_inline void take_outside(struct RetransmitBooks* own,
                                         const struct attempt* attempt) {
  __u32 counted = was_counted(attempt) ? attempt->segments : 0;

  own->outside_events++;
  own->outside_segments += counted;
  own->segments += counted;
}

SEC("tp_btf/tcp_retransmit_skb")
int count_retransmission(__u64* context) {
  struct attempt attempt = {.sk = (struct sock*)context[0], .anchors = true};
  const struct tcp_skb_cb* segment = (const void*)((struct sk_buff*)context[1])->cb;
  struct tcp_sock* tcp = bpf_skc_to_tcp_sock(attempt.sk);
  struct RetransmitBooks* own = own_books();
  struct RetransmitFlow* flow;
  __u32 counted;

  if (!tcp || !own) return 0;
  if (!failures_are_silent()) attempt.error = (int)context[2];
  attempt.now = bpf_ktime_get_ns();
  attempt.segment = segment;
  attempt.segments = BPF_CORE_READ(segment, tcp_gso_segs);
  attempt.kind = kind_of(tcp, segment);
  attempt.total = tcp->total_retrans;
  attempt.key = key_of(attempt.sk, tcp);
  own->events++;
  flow = flow_of(&attempt.key, attempt.sk, attempt.now);
  if (!flow) {
    take_outside(own, &attempt);
    return 0;
  }
  if (!flow->anchored) flow->dsacks_at_first = tcp->dsack_dups;
  flow->dsacks = tcp->dsack_dups;
  flow->last_ns = attempt.now;
  counted = book_growth(flow, &attempt);
  own->segments += counted;
  if (wants_sample(flow->events)) take_sample(context, own, &attempt, tcp, counted);
  add(&flow->events, 1);
  return 0;
}

static __always_inline void sample_synack(void* context, struct RetransmitBooks* own,
                                          const struct attempt* attempt, const struct sock* request,
                                          __u32 counted) {
  struct RetransmitSample* sample = open_sample(own, attempt->now, sizeof(*sample));

  if (!sample) return;
  __builtin_memset(sample, 0, __builtin_offsetof(struct RetransmitSample, stack));
  /* The ends of the request; the rest is its listener's. */
  fill_head(&sample->head, request, attempt->now);
  sample->head.identity = attempt->key.identity;
  sample->head.cookie = cookie_so_far(attempt->sk);
  sample->head.inode = inode_of(attempt->sk);
  sample->head.cgroup = cgroup_of(attempt->sk);
  sample->head.frames = take_stack(context, sample->stack);
  sample->kind = kRetransmitSynAck;
  sample->flags = kTcpFlagSyn | kTcpFlagAck;
  sample->segments = counted;
  bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
}

SEC("tp_btf/tcp_retransmit_synack")
int count_synack(__u64* context) {
  struct sock* sk = (struct sock*)context[0];
  struct attempt attempt = {.sk = sk, .kind = kRetransmitSynAck, .segments = 1};
  struct tcp_sock* tcp = bpf_skc_to_tcp_sock(sk);
  struct RetransmitBooks* own = own_books();
  struct RetransmitFlow* flow;
  __u32 counted;

  if (!tcp || !own) return 0;
  attempt.now = bpf_ktime_get_ns();
  attempt.key = key_of(sk, tcp);
  attempt.total = tcp->total_retrans;
  attempt.anchors = sk->__sk_common.skc_state == kTcpSynRecv;
  own->events++;
  flow = flow_of(&attempt.key, sk, attempt.now);
  if (!flow) {
    take_outside(own, &attempt);
    return 0;
  }
  flow->last_ns = attempt.now;
  counted = book_growth(flow, &attempt);
  own->segments += counted;
  if (wants_sample(flow->events))
    sample_synack(context, own, &attempt, (struct sock*)context[1], counted);
  add(&flow->events, 1);
  return 0;
}

/* The last that can be read of a connection: what it counted without an event, and what the other
 * end said it had twice. Not at the socket's own end: tcp_disconnect(), by which a socket is closed
 * that must not linger, forgets both right after this. */
SEC("tp_btf/inet_sock_set_state")
int close_flow(__u64* context) {
  struct sock* sk = (struct sock*)context[0];
  struct RetransmitBooks* own;
  struct RetransmitFlow* flow;
  struct RetransmitKey key;
  struct tcp_sock* tcp;
  __s32 unseen;

  if ((int)context[2] != kTcpClose) return 0;
  tcp = bpf_skc_to_tcp_sock(sk);
  if (!tcp || tcp->total_retrans == 0) return 0;
  key = key_of(sk, tcp);
  flow = bpf_map_lookup_elem(&flows, &key);
  own = own_books();
  if (!flow || !own || !flow->anchored) return 0;
  unseen = tcp->total_retrans - flow->total;
  if (unseen > 0) {
    book_unseen(flow, unseen);
    own->segments += unseen;
  }
  flow->total = tcp->total_retrans;
  flow->dsacks = tcp->dsack_dups;
  flow->anchored = 0; /* what counts from now on begins anew */
  flow->closed = 1;
  return 0;
}

/* A struct SocketNow: a skeleton has no name for the types of its variables. */
__u64 answer[sizeof(struct SocketNow) / sizeof(__u64)];

/* Run by user space for each flow whose socket it has not seen closed: the argument is the socket's
 * address, and what stands there may be another socket by now. Also tells the time in both of the
 * kernel's units. */
SEC("raw_tp")
int read_socket(__u64* context) {
  const struct tcp_sock* tcp = (const struct tcp_sock*)context[0];
  const struct sock* sk = (const struct sock*)tcp;
  struct SocketNow now = {};

  now.jiffies = bpf_jiffies64();
  now.time_ns = bpf_ktime_get_ns();
  now.cookie = cookie_so_far(sk);
  now.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  now.local_port = local_port(sk);
  now.remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
  now.total = BPF_CORE_READ(tcp, total_retrans);
  now.dsacks = BPF_CORE_READ(tcp, dsack_dups);
  now.failures_are_silent = failures_are_silent();
  now.resets_have_reasons = resets_have_reasons();
  __builtin_memcpy(answer, &now, sizeof(answer));
  return 0;
}
