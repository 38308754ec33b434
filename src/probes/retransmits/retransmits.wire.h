/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What crosses between retransmits.bpf.c and retransmits.cpp: fixed widths, explicit padding. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
namespace probes::retransmits::wire {
#endif

enum {
  kRetransmitFlows = 8192,
  kRetransmitResets = 1024,
  kRetransmitFrames = 24,
  kRetransmitRingBytes = 256 * 1024,
  /* Of each flow or kind of reset, before thinning sets in. */
  kRetransmitFirstSamples = 8,
  /* The sampling budget of a CPU is per so long. */
  kRetransmitBudgetNs = 100000000,
};

/* Why a segment was sent again; model::RetransmissionKind has the same order. */
enum {
  kRetransmitSyn,
  kRetransmitSynAck,
  kRetransmitLossProbe,
  kRetransmitTimeout,
  kRetransmitLoss,
  kRetransmitFast,
  kRetransmitOther,
  kRetransmitUnseen, /* the socket counted it, and no event told of it */
  kRetransmitKinds,
};

/* `identity` is the socket's cookie; before 5.12, where a program cannot ask for one, its address.
 * The ports tell what a socket did before it was connected once more. */
struct RetransmitKey {
  __u64 identity;
  __u32 netns; /* inode number */
  __u16 local_port;
  __u16 remote_port;
};

/* Addresses are in network order; IPv4 takes the first four bytes. */
struct RetransmitEnds {
  __u8 local[16];
  __u8 remote[16];
};

/* Counts only grow. SYN-ACKs belong to the flow of their listener, which has no remote end. */
struct RetransmitFlow {
  __u64 segments[kRetransmitKinds];
  __u64 events;
  __u64 uncounted; /* events of attempts that the kernel gave up before it counted them */
  __u64 refused;   /* segments that were counted, and then not let out of this host */
  __u64 socket;    /* address */
  __u64 cookie;
  __u64 cgroup;
  __u64 first_ns;
  __u64 last_ns;
  __u32 total;           /* tcp_sock.total_retrans at the last look */
  __u32 dsacks_at_first; /* tcp_sock.dsack_dups when the flow was first seen */
  __u32 dsacks;          /* at the last look */
  __u16 family;
  __u8 anchored; /* `total` is of this socket */
  __u8 closed;
  struct RetransmitEnds ends;
};

struct ResetKey {
  __u32 netns;
  __u32 reason; /* enum sk_rst_reason; 0 where the kernel gives none */
  __u8 sent;
  __u8 state; /* of the socket; 0 = no socket */
  __u16 padding;
};

/* One CPU's sums and its sampling budget. Only that CPU writes to it. */
struct RetransmitBooks {
  __u64 events;
  __u64 segments; /* of all flows, outside or not */
  __u64 outside_events;
  __u64 outside_segments;
  __u64 outside_resets;
  __u64 samples_left_out; /* over budget, or no room in the ring */
  __u32 budget_slot;      /* in which the present budget began */
  __u32 budget_used;
};

/* What samples of both kinds begin with. */
struct RetransmitHead {
  __u64 time_ns;
  __u64 identity;
  __u64 cookie;
  __u64 inode; /* of the socket; 0: no process holds it, or none yet */
  __u64 cgroup;
  struct RetransmitEnds ends;
  __u32 netns;
  __u16 local_port;
  __u16 remote_port;
  __u16 family;
  __u16 cpu;
  __u8 state;
  __u8 is_reset;
  __u8 frames;
  __u8 padding;
};

struct RetransmitSample {
  struct RetransmitHead head;
  __u8 kind;
  __u8 congestion_state;
  __u8 backoff;
  __u8 flags; /* of the TCP header */
  __s32 error;
  __u32 segments; /* that were counted */
  __u32 sequence;
  __u32 length; /* of the sequence space: SYN and FIN count one each */
  __u32 acknowledges;
  __u32 srtt_us;
  __u32 rto_jiffies;
  __u32 packets_out;
  __u32 retrans_out;
  __u32 lost_out;
  __u32 sacked_out;
  __u32 cwnd;
  __u32 ssthresh;
  __u32 send_window;
  __u32 total;
  __u64 stack[kRetransmitFrames];
};

struct ResetSample {
  struct RetransmitHead head;
  __u32 reason;
  __u8 sent;
  __u8 padding[3];
  __u64 stack[kRetransmitFrames];
};

/* The answer of read_socket: what stands where a flow's socket was, to be compared before it is
 * believed; and what does not depend on it. */
struct SocketNow {
  __u64 cookie;
  __u64 jiffies;
  __u64 time_ns;
  __u32 netns;
  __u16 local_port;
  __u16 remote_port;
  __u32 total;
  __u32 dsacks;
  /* What this kernel's events tell. */
  __u8 failures_are_silent; /* before 6.18 */
  __u8 resets_have_reasons; /* from 6.10 */
  __u8 padding[6];
};

#ifdef __cplusplus
}  // namespace probes::retransmits::wire
#endif
