/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What crosses between drops.bpf.c and drops.cpp: fixed widths, explicit padding. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
namespace probes::drops::wire {
#endif

/* A bucket is where a key's search begins, the cells after it where the search goes on; the last
 * bucket's search ends before the end of the table. The whole table must fit into the 32 KiB that a
 * value of a per-CPU map may have. */
enum {
  kDropBuckets = 500,
  kDropProbes = 8,
  kDropCells = 508,
  kDropHeaderBytes = 96,
  kDropEthernetBytes = 14,
  kDropFrames = 24,
  kDropSampleRingBytes = 256 * 1024,
  kDropSlotNs = 10000000,
  /* Of each key on each CPU, before thinning sets in. */
  kDropFirstSamples = 8,
  /* The sampling budget of a CPU is per so many slots. */
  kDropBudgetSlots = 10,
  /* At the last, one in 2^20 is unwound. */
  kDropStackLevels = 20,
};

/* Where a sample's header bytes begin. */
enum {
  kDropHeadersNone = 0,
  kDropHeadersNetwork = 1,
  kDropHeadersLink = 2,
  kDropHeadersData = 3, /* neither header was set: wherever skb->data stood */
};

struct DropKey {
  __u64 location; /* return address of the call that freed the skb; 0 = empty cell */
  __u32 netns;    /* inode number, 0 = not known */
  __u32 reason;
  __u32 ifindex : 30;  /* 0 = no device that can be believed */
  __u32 opens : 1;     /* a SYN that asks for a connection, where no socket took it, or may have */
  __u32 made_here : 1; /* skb_iif is 0: no device of this namespace had received it */
  __u16 protocol;
  __u16 port;
};

/* Sums only grow. `slot` is the 10 ms slot of the monotonic clock in which the cell was last
 * opened, `opened` how often it was: see struct DropOpening. */
struct DropCell {
  struct DropKey key;
  __u64 events;
  __u64 packets;
  __u64 bytes;
  __u64 truesize;
  __u32 slot;
  __u32 opened;
};

/* One CPU's table. Only that CPU writes to it. */
struct DropTable {
  __u64 outside_events;
  __u64 outside_packets;
  __u64 samples_left_out;  /* over budget, or no room in the ring */
  __u64 openings_left_out; /* no room in the ring */
  __u64 jiffies;           /* when `slot` was worked out */
  __u32 slot;
  __u32 budget_slot; /* slot in which the present sampling budget began */
  __u32 budget_used;
  __u32 stack_level; /* one in 2^level is unwound */
  __u32 stack_slot;
  __u32 stacks_in_slot; /* since the level was last settled */
  __u64 lot;            /* of the last draw */
  __u64 stacks_outside; /* packets whose stack found no room */
  __u64 flows_outside;  /* packets whose flow found no room */
  __u64 flows_unread;   /* packets that are not IP, or whose header could not be found */
  struct DropCell cells[kDropCells];
};

/* A flow in a namespace. Addresses of IPv4 are the first four bytes. */
struct DropFlowKey {
  __u8 source[16];
  __u8 destination[16];
  __u32 netns;
  __be32 ports; /* as in the header: source, destination; 0 = none */
  __u8 protocol;
  __u8 version;
  __u8 received; /* it was received, and not dropped */
  __u8 padding;
};

/* A call stack at a place. */
struct DropStackKey {
  struct DropKey place;
  __u32 stack; /* its number in the kernel's table of stacks */
  __u32 padding;
};

struct DropStackCount {
  __u64 packets; /* those that were unwound, each times its weight w */
  __u64 open;    /* the sum of w (w - 1), which is the variance of `packets` */
};

/* The first drop of a key in a slot, on one CPU: the sums as they stood before it. What fell in a
 * slot is the difference to the next opening, so a drop costs no more than a comparison. */
struct DropOpening {
  __u16 cell;
  __u16 cpu;
  __u32 slot;
  __u32 opened; /* gapless per cell: a gap is a lost record */
  __u32 padding;
  __u64 packets;
  __u64 bytes;
  __u64 truesize;
};

struct DropSample {
  __u64 time_ns;
  __u64 packets; /* of its cell, before this one */
  __u64 socket_cookie;
  __u64 socket_inode; /* 0: no process holds it, or none yet */
  __u64 cgroup;
  __u16 cell;
  __u16 cpu;
  __u32 length;
  __u32 receive_queue;
  __u32 receive_buffer;
  __u16 header_bytes;
  __u8 header_kind;
  __u8 frames;
  __u32 own_packets; /* that it is itself: a GSO packet is many */
  char comm[16];
  __u8 headers[kDropHeaderBytes];
  __u64 stack[kDropFrames];
};

#ifdef __cplusplus
}  // namespace probes::drops::wire
#endif
