/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP's part of a socket, as far as it is read, and how it is read on all kernels from 5.10 on. */
#pragma once

#include <stdbool.h>

#include "probes/kernel.bpf.h"

#include "probes/retransmits/retransmits.wire.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inet_sock {
  __be16 inet_sport;
};

struct inet_connection_sock {
  struct inet_sock icsk_inet;
  __u32 icsk_rto; /* jiffies */
  __u8 icsk_ca_state : 5;
  __u8 icsk_pending;
  __u8 icsk_backoff;
};

struct tcp_sock {
  struct inet_connection_sock inet_conn;
  __u32 rcv_nxt;
  __u32 snd_wnd;
  __u32 srtt_us; /* eighths */
  __u32 packets_out;
  __u32 retrans_out;
  __u32 lost_out;
  __u32 sacked_out;
  __u32 snd_cwnd;
  __u32 snd_ssthresh;
  __u32 total_retrans;
  __u32 dsack_dups;
};

/* What TCP keeps in skb->cb. */
struct tcp_skb_cb {
  __u32 seq;
  __u32 end_seq;
  __u16 tcp_gso_segs;
  __u16 tcp_flags; /* a byte in older kernels */
  __u8 sacked;
};

struct request_sock {
  struct sock_common __req_common;
};

#pragma clang attribute pop

/* include/net/tcp_states.h, include/net/inet_connection_sock.h, include/uapi/linux/tcp.h: the same
 * since Linux 4.13. */
enum {
  kTcpSynRecv = 3,
  kTcpClose = 7,
  kTcpListen = 10,
  kTimerNone = 0,
  kTimerLossProbe = 5,
  kCaRecovery = 3,
  kCaLoss = 4,
  kErrorAgain = -11,
  kErrorBusy = -16,
  kErrorInvalid = -22,
  kSackedEverRetransmitted = 0x80,
};
